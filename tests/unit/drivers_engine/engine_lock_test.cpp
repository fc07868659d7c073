#include "drivers/engine/engine_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/support/temporary_folder.hpp"

namespace berth::engine {
namespace {

using namespace std::chrono_literals;

// Another process that holds the lock until SIGTERM, or for ever.
pid_t hold_in_child(std::filesystem::path const& runtime, bool heeds) {
  int ready[2];
  EXPECT_EQ(::pipe(ready), 0);
  pid_t const child = ::fork();
  if (child == 0) {
    if (!heeds) std::signal(SIGTERM, SIG_IGN);
    auto const lock = EngineLock::take(runtime);
    if (!lock || ::write(ready[1], "x", 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST(EngineLock, IsHeldOnceAndGoesWithItsHolder) {
  support::TemporaryFolder runtime;
  auto const child = hold_in_child(runtime.path(), true);
  EXPECT_EQ(EngineLock::take(runtime.path()).error().code, ErrorCode::conflict);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(EngineLock::take(runtime.path()));
}

TEST(EngineLock, IsTakenOverFromAnEngineThatEnds) {
  support::TemporaryFolder runtime;
  EXPECT_TRUE(EngineLock::take_over(runtime.path(), 1s)) << "nobody holds it";
  auto const child = hold_in_child(runtime.path(), true);
  EXPECT_TRUE(EngineLock::take_over(runtime.path(), 30s));
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST(EngineLock, IsNotTakenFromAnEngineThatStays) {
  support::TemporaryFolder runtime;
  auto const child = hold_in_child(runtime.path(), false);
  EXPECT_EQ(EngineLock::take_over(runtime.path(), 100ms).error().code, ErrorCode::timed_out);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(EngineLock::take("/nonexistent").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace berth::engine
