#include "drivers/engine/engine_lock.hpp"

#include <fcntl.h>
#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <thread>

namespace berth::engine {
namespace {

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

Result<Descriptor> open_lock(std::filesystem::path const& runtime) {
  auto const path = runtime / "engine.lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, "opening " + path.string());
  return file;
}

// POSIX record locks (fcntl(2)), because they tell who holds them.
Result<bool> try_lock(Descriptor const& file) {
  auto lock = whole_file();
  if (::fcntl(file.get(), F_SETLK, &lock) == 0) return true;
  if (errno == EACCES || errno == EAGAIN) return false;
  return fail_errno(errno, "locking engine.lock");
}

pid_t holder(Descriptor const& file) {
  auto lock = whole_file();
  if (::fcntl(file.get(), F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK) return 0;
  return lock.l_pid;
}

}  // namespace

Result<EngineLock> EngineLock::take(std::filesystem::path const& runtime) {
  auto file = TRY(open_lock(runtime));
  if (!TRY(try_lock(file))) return fail(ErrorCode::conflict, "engine-runs", "Another engine runs on " + runtime.string() + ".");
  return EngineLock(std::move(file));
}

Result<EngineLock> EngineLock::take_over(std::filesystem::path const& runtime, std::chrono::milliseconds patience) {
  auto file = TRY(open_lock(runtime));
  auto const until = std::chrono::steady_clock::now() + patience;
  pid_t asked = 0;
  while (!TRY(try_lock(file))) {
    // Whoever holds the lock is an engine; another one may have followed it meanwhile.
    if (pid_t const now = holder(file); now > 0 && now != asked) {
      asked = now;
      ::kill(now, SIGTERM);
    }
    if (std::chrono::steady_clock::now() > until) return fail(ErrorCode::timed_out, "engine-did-not-end", "The running engine did not end.");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return EngineLock(std::move(file));
}

}  // namespace berth::engine
