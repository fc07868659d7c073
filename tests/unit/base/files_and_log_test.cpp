// What a failed fsync does to whom, and what the log's one line says.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth {
namespace {

constexpr int no_file = -1;  // its fsync fails with EBADF

TEST(Sync, OfAForeignDiskFailsWithItsName) {
  auto const synced = sync_foreign(no_file, "/dev/sdx1");
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::io);
  EXPECT_TRUE(describe(synced.error()).contains("/dev/sdx1")) << describe(synced.error());
}

TEST(Sync, OfWhatHasNothingToSyncIsDone) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  Descriptor const out(ends[0]), in(ends[1]);
  EXPECT_TRUE(sync_foreign(in.get(), "a pipe"));
}

TEST(SyncDeathTest, OfTheMachinesOwnEndsTheProgram) {
  EXPECT_DEATH(sync(no_file), "what the disk holds is unknown");
}

// The journal's socket, played by this test (systemd's JOURNAL_NATIVE_PROTOCOL): one datagram an entry, one field a line.
TEST(LogDeathTest, SaysTheFieldsInTheJournalsMessageAsWell) {
  testing::FLAGS_gtest_death_test_style = "fast";
  sockaddr_un address{AF_UNIX, "/run/systemd/journal/socket"};
  if (std::filesystem::exists(address.sun_path)) GTEST_SKIP() << "this machine has a journal of its own";
  std::filesystem::create_directories("/run/systemd/journal");
  Descriptor const journal(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ASSERT_EQ(::bind(journal.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
  auto const say = [] {
    ::setenv("JOURNAL_STREAM", "8:1", 1);
    log(LogLevel::error, "engine", "a guest could not be stopped", {{"why", "timed out"}, {"guest", "box"}});
    ::_exit(0);
  };
  EXPECT_EXIT(say(), testing::ExitedWithCode(0), "");
  std::string entry(4096, '\0');
  auto const bytes = ::recv(journal.get(), entry.data(), entry.size(), 0);
  ::unlink(address.sun_path);
  ASSERT_GT(bytes, 0);
  entry.resize(static_cast<std::size_t>(bytes));
  for (auto const* line : {"MESSAGE=engine: a guest could not be stopped why=timed out guest=box\n", "PRIORITY=3\n",
                           "BERTH_WHY=timed out\n", "BERTH_GUEST=box\n"})
    EXPECT_TRUE(entry.contains(line)) << line << " in\n" << entry;
}

// Outside the journal the same words go to standard error.
TEST(Log, SaysTheFieldsInItsLine) {
  ::unsetenv("JOURNAL_STREAM");
  testing::internal::CaptureStderr();
  log(LogLevel::error, "host", "the tried network could not be taken back",
      {{"why", "no bus\nat all"}, {"link", "eth0"}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error host: the tried network could not be taken back why=no bus\\x0aat all link=eth0\n");
}

}  // namespace
}  // namespace berth
