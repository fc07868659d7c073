#include "drivers/kernel/user_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace berth::kernel {
namespace {

// The child shares our memory (no copy of a large process's page tables) but touches nothing in it.
int wait_to_be_killed(void*) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (true) ::pause();
}

// Holds a namespace open until a descriptor of it is taken.
class Holder {
 public:
  static Result<Holder> make() {
    auto stack = std::make_unique<Stack>();
    // No exit signal: nobody who waits for SIGCHLD hears of it.
    pid_t const pid = ::clone(&wait_to_be_killed, stack->data() + stack->size(), CLONE_NEWUSER | CLONE_VM, nullptr);
    if (pid < 0) return fail_errno(errno, "make a user namespace");
    return Holder(pid, std::move(stack));
  }
  Holder(Holder&& other) noexcept : pid_(std::exchange(other.pid_, -1)), stack_(std::move(other.stack_)) {}
  Holder& operator=(Holder&&) = delete;
  ~Holder() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, __WCLONE) < 0 && errno == EINTR) {
    }
  }
  std::string file(std::string_view name) const { return "/proc/" + std::to_string(pid_) + "/" + std::string(name); }

 private:
  using Stack = std::array<char, 16384>;
  Holder(pid_t pid, std::unique_ptr<Stack> stack) : pid_(pid), stack_(std::move(stack)) {}
  pid_t pid_;
  std::unique_ptr<Stack> stack_;
};

Result<void> write_map(std::string const& path, std::string const& line) {
  Descriptor const file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "open " + path);
  if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fail_errno(errno, "map ids");
  return {};
}

}  // namespace

Result<Descriptor> make_user_namespace(std::uint32_t base) {
  auto const holder = TRY(Holder::make());
  auto const line = "0 " + std::to_string(base) + " " + std::to_string(ids_per_range) + "\n";
  TRY(write_map(holder.file("uid_map"), line));
  TRY(write_map(holder.file("gid_map"), line));
  Descriptor space(::open(holder.file("ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  if (!space.valid()) return fail_errno(errno, "open a user namespace");
  return space;
}

}  // namespace berth::kernel
