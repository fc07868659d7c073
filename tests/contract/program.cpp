#include "tests/contract/program.hpp"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "firmware/base/descriptor.hpp"

namespace berth::contract::testing {
namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr auto tick = std::chrono::milliseconds{10};

}  // namespace

bool answers(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
}

std::string beside_this_test(std::string const& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

Program::Program(std::vector<std::string> argv, std::vector<std::string> variables) {
  if (argv.front().front() != '/') argv.front() = beside_this_test(argv.front());
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  std::vector<char*> values;
  for (auto& variable : variables) values.push_back(variable.data());
  for (char** own = environ; *own != nullptr; ++own) values.push_back(*own);
  values.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  int const failed = ::posix_spawn(&pid_, words[0], nullptr, &attributes, words.data(), values.data());
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) throw std::runtime_error("cannot start " + argv.front() + ": " + std::strerror(failed));
}

Program::~Program() {
  if (!runs()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

bool Program::runs() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void Program::signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);
}

int Program::wait() {
  auto const until = std::chrono::steady_clock::now() + patience;
  while (runs()) {
    if (std::chrono::steady_clock::now() > until) return -1;
    std::this_thread::sleep_for(tick);
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

bool await_socket(std::string const& path, Program& program) {
  auto const until = std::chrono::steady_clock::now() + patience;
  while (!answers(path)) {
    if (!program.runs() || std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(tick);
  }
  return true;
}

}  // namespace berth::contract::testing
