#include "drivers/kernel/user_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace berth::kernel {
namespace {

// What the child leaves in the memory and the descriptors it shares with us: its namespace, or why there is none.
struct Answer {
  std::atomic<int> descriptor_or_error{unanswered};
  static constexpr int unanswered = std::numeric_limits<int>::min();
};

// The child opens its own namespace: looking into another process takes a right (ptrace(2), "access mode checking") that the
// appliance's engine does not have.
int open_own_namespace(void* argument) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto& answer = *static_cast<Answer*>(argument);
  int const opened = ::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
  answer.descriptor_or_error = opened >= 0 ? opened : -errno;
  answer.descriptor_or_error.notify_one();
  while (true) ::pause();
}

// Holds a namespace open until its ids are mapped.
class Holder {
 public:
  static Result<Holder> make() {
    auto memory = std::make_unique<Memory>();
    // No copy of a large process's page tables, and no exit signal: nobody who waits for SIGCHLD hears of it.
    pid_t const pid = ::clone(&open_own_namespace, memory->stack.data() + memory->stack.size(),
                              CLONE_NEWUSER | CLONE_VM | CLONE_FILES, &memory->answer);
    if (pid < 0) return fail_errno(errno, "make a user namespace");
    return Holder(pid, std::move(memory));
  }
  Holder(Holder&& other) noexcept : pid_(std::exchange(other.pid_, -1)), memory_(std::move(other.memory_)) {}
  Holder& operator=(Holder&&) = delete;
  ~Holder() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, __WCLONE) < 0 && errno == EINTR) {
    }
  }
  std::string file(std::string_view name) const { return "/proc/" + std::to_string(pid_) + "/" + std::string(name); }
  Result<Descriptor> space() const {
    auto& said = memory_->answer.descriptor_or_error;
    said.wait(Answer::unanswered);
    if (said < 0) return fail_errno(-said, "open a user namespace");
    return Descriptor(said);
  }

 private:
  struct Memory {
    std::array<char, 16384> stack;
    Answer answer;
  };
  Holder(pid_t pid, std::unique_ptr<Memory> memory) : pid_(pid), memory_(std::move(memory)) {}
  pid_t pid_;
  std::unique_ptr<Memory> memory_;
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
  auto space = TRY(holder.space());
  auto const line = "0 " + std::to_string(base) + " " + std::to_string(ids_per_range) + "\n";
  TRY(write_map(holder.file("uid_map"), line));
  TRY(write_map(holder.file("gid_map"), line));
  return space;
}

}  // namespace berth::kernel
