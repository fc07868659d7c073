#include "drivers/engine/engine_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

namespace berth::engine {
namespace {

Result<Descriptor> open_lock(std::filesystem::path const& runtime) {
  auto const path = runtime / "engine.lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, "opening " + path.string());
  return file;
}

// A lock of the open file, and in the file who holds it. (POSIX record locks would tell by themselves, but go when any
// part of this process closes the file.)
Result<bool> try_lock(Descriptor const& file) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) return false;
    return fail_errno(errno, "locking engine.lock");
  }
  auto const pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) < 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0)
    return fail_errno(errno, "writing engine.lock");
  return true;
}

// 0 when it cannot be told. A number that an earlier holder left behind may be anybody's by now: only our own program counts.
pid_t holder(Descriptor const& file) {
  char text[16] = {};
  if (::pread(file.get(), text, sizeof text - 1, 0) <= 0) return 0;
  pid_t const pid = std::atoi(text);
  std::error_code ec;
  auto const theirs = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", ec);
  if (ec || pid <= 1) return 0;
  auto const ours = std::filesystem::read_symlink("/proc/self/exe", ec);
  return !ec && theirs.filename() == ours.filename() ? pid : 0;
}

}  // namespace

Result<EngineLock> EngineLock::take(std::filesystem::path const& runtime) {
  auto file = TRY(open_lock(runtime));
  if (!TRY(try_lock(file)))
    return fail(ErrorCode::conflict, "engine-runs", "Another engine runs on " + runtime.string() + ".");
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
    if (std::chrono::steady_clock::now() > until)
      return fail(ErrorCode::timed_out, "engine-did-not-end", "The running engine did not end.");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return EngineLock(std::move(file));
}

}  // namespace berth::engine
