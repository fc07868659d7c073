// What only the fake has: faults on demand, a state that is kept, a shell and a screen.
#include "drivers/fake/fake_engine.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <thread>

#include "drivers/fake/fake_screen.hpp"
#include "drivers/fake/fake_shell.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::fake {
namespace {

using namespace std::chrono_literals;
using std::operator""s;

TEST(Faults, FailTheCallThatWasMeant) {
  Faults faults;
  faults.fail_next("start_guest", {ErrorCode::io, "disk-broken", "It broke."}, 1);
  EXPECT_TRUE(faults.before("stop_guest"));
  EXPECT_TRUE(faults.before("start_guest")) << "one passes";
  EXPECT_EQ(faults.before("start_guest").error().slug, "disk-broken");
  EXPECT_TRUE(faults.before("start_guest")) << "and then it works again";
}

TEST(Faults, HangUntilReleased) {
  Faults faults;
  faults.hang_next("host");
  auto stuck = std::async(std::launch::async, [&] { return faults.before("host").has_value(); });
  auto const until = std::chrono::steady_clock::now() + 30s;
  while (faults.hanging() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(faults.before("host")) << "only the next one hangs";
  faults.release();
  EXPECT_TRUE(stuck.get());
}

TEST(FakeEngine, KeepsItsStateInAFile) {
  support::TemporaryFolder folder;
  auto const file = folder.path() / "state.json";
  contract::NetworkSpec const network{contract::Ipv4::parse("10.0.0.1").value(), {24}, true};
  auto const guest = contract::GuestId::parse("0190f3c4-0000-7000-8000-000000000001").value();
  contract::NicSpec nic;
  nic.mac = contract::MacAddress::parse("52:54:00:00:00:01").value();
  nic.address = contract::Ipv4::parse("10.0.0.2").value();
  nic.gateway = network.gateway;
  nic.prefix = {24};
  std::string boot_id;
  {
    auto engine = FakeEngine::open({.state_file = file}).value();
    boot_id = engine->host().value().boot_id;
    ASSERT_TRUE(engine->ensure_network(network));
    ASSERT_TRUE(engine->connect_network(guest, nic));
  }
  auto engine = FakeEngine::open({.state_file = file}).value();
  EXPECT_EQ(engine->host().value().boot_id, boot_id);
  EXPECT_EQ(engine->guests().value().size(), 1U);
  std::ofstream(file) << "{";
  EXPECT_FALSE(FakeEngine::open({.state_file = file})) << "a state that is not understood is not overwritten";
}

TEST(FakeEngine, RunsOutOfMemory) {
  auto engine = FakeEngine::open({.memory_bytes = 1 * gib}).value();
  EXPECT_EQ(engine->host().value().memory_free_bytes, 1 * gib);
}

TEST(FakeShell, SignsInAndAnswers) {
  FakeShell shell("web");
  EXPECT_TRUE(shell.begin().ends_with("fake login: "));
  EXPECT_TRUE(shell.hear("root\r").ends_with("root@web:~$ "));
  EXPECT_EQ(shell.hear("echo hallo\r"), "echo hallo\r\nhallo\r\nroot@web:~$ ");
  EXPECT_EQ(shell.hear("echo ab\x7f"
                       "c\r"),
            "echo ab\b \bc\r\nac\r\nroot@web:~$ ");
  EXPECT_EQ(shell.hear("rm\r"), "rm\r\nrm: not found\r\nroot@web:~$ ");
  EXPECT_TRUE(shell.hear("exit\r").ends_with("fake login: "));
}

// RFC 6143, section 7: the handshake in the order a client speaks it, in pieces as small as they may come.
TEST(FakeScreen, ShowsItsPicture) {
  FakeScreen screen("vm");
  EXPECT_EQ(screen.begin(), "RFB 003.008\n");
  std::string heard;
  for (char c : "RFB 003.008\n\x01\x01"s) heard += screen.hear({&c, 1});
  ASSERT_EQ(heard.size(), 2U + 4 + 24 + 2);
  EXPECT_EQ(heard.substr(0, 6), "\x01\x01\0\0\0\0"s);
  EXPECT_EQ(heard.substr(6, 4), "\x01\x40\0\xc8"s) << "320 x 200";
  EXPECT_TRUE(heard.ends_with("\0\0\0\x02vm"s));
  auto const pixels = std::size_t{FakeScreen::width} * FakeScreen::height;
  auto const ask = "\x03\x00\0\0\0\0\x01\x40\0\xc8"s;
  auto const first = screen.hear(ask);
  EXPECT_EQ(first.size(), 16 + pixels * 4);
  EXPECT_EQ(screen.hear("\x03\x01\0\0\0\0\x01\x40\0\xc8"s), "") << "nothing changed";
  auto const after_key = screen.hear("\x04\x01\0\0\0\0\0a"s);
  EXPECT_EQ(after_key.size(), first.size());
  EXPECT_NE(after_key, first);
  // 16 bits, 5-6-5
  EXPECT_EQ(screen.hear("\0\0\0\0\x10\x10\0\x01\0\x1f\0\x3f\0\x1f\x0b\x05\0\0\0\0"s), "");
  EXPECT_EQ(screen.hear(ask).size(), 16 + pixels * 2);
  EXPECT_FALSE(screen.over());
  screen.hear("\x63");
  EXPECT_TRUE(screen.over()) << "a message that RFB does not know";
}

TEST(FakeScreen, HangsUpOnNonsense) {
  FakeScreen other_version("vm");
  other_version.begin();
  other_version.hear("RFB 003.003\n");
  EXPECT_TRUE(other_version.over());
  FakeScreen long_text("vm");
  long_text.begin();
  long_text.hear("RFB 003.008\n\x01\x01\x06\0\0\0\xff\xff\xff\xff"s);
  EXPECT_TRUE(long_text.over()) << "4 GiB of clipboard";
}

}  // namespace
}  // namespace berth::fake
