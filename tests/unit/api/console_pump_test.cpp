// Bytes between a guest's console and its viewer: both ways, bounded, and only while allowed.
#include "firmware/api/console_pump.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "firmware/http/websocket_channel.hpp"

namespace berth::api {
namespace {

using namespace std::chrono_literals;

template <class Condition>
bool within(std::chrono::milliseconds time, Condition condition) {
  auto const deadline = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return condition();
}

// The viewer's side of a WebSocket: the test reads its frames as the connection's thread would.
struct Viewer {
  explicit Viewer(std::size_t queue) : channel(std::make_shared<http::Sender::Channel>(queue)), sender(channel) {}
  // Payloads of short and 16-bit frames (RFC 6455 section 5.2).
  std::string take() {
    std::string bytes;
    while (auto frame = channel->next_frame()) {
      auto const length = static_cast<unsigned char>((*frame)[1]) & 0x7f;
      auto const head = length == 126 ? 4U : 2U;
      if (((*frame)[0] & 0x0f) == 8)
        closed = static_cast<unsigned char>((*frame)[head]) * 256 + static_cast<unsigned char>((*frame)[head + 1]);
      else
        bytes += frame->substr(head);
    }
    return bytes;
  }
  std::shared_ptr<http::Sender::Channel> channel;
  http::Sender sender;
  int closed = 0;
};

class Pump : public ::testing::Test {
 protected:
  std::unique_ptr<ConsolePump> pump = ConsolePump::start().value();
  Descriptor guest;

  ConsolePump::LinkId connect(Viewer& viewer, ConsolePump::StillAllowed allowed = [] { return true; }) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    guest.reset(ends[1]);
    return pump->add(Descriptor(ends[0]), viewer.sender, std::move(allowed)).value();
  }
  void say(std::string_view text) {
    EXPECT_EQ(::send(guest.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  std::string heard(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      char buffer[4096];
      auto const got = ::recv(guest.get(), buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }
};

TEST_F(Pump, carries_both_ways) {
  Viewer viewer(1 << 20);
  auto const link = connect(viewer);
  say("login: ");
  std::string seen;
  EXPECT_TRUE(within(5s, [&] { return (seen += viewer.take()) == "login: "; }));
  EXPECT_TRUE(pump->to_guest(link, "root\r"));
  EXPECT_EQ(heard(5), "root\r");
}

TEST_F(Pump, reads_a_flooding_guest_no_faster_than_its_viewer) {
  Viewer viewer(64 * 1024);
  connect(viewer);
  std::size_t const total = 8 << 20;
  std::atomic<std::size_t> written = 0;
  std::thread flood([&] {
    std::string const chunk(16 * 1024, 'x');
    while (written < total) {
      auto const sent = ::send(guest.get(), chunk.data(), chunk.size(), 0);
      if (sent <= 0) return;
      written += static_cast<std::size_t>(sent);
    }
  });
  // Nobody reads: what is under way is the queue, one chunk, and the kernel's socket buffers. It stops growing.
  std::size_t before = 0;
  int still = 0;
  EXPECT_TRUE(within(20s, [&] {
    still = before > 0 && before == written ? still + 1 : 0;
    before = written;
    return still == 50;
  }));
  EXPECT_LT(written, total);
  std::size_t received = 0;
  EXPECT_TRUE(within(30s, [&] { return (received += viewer.take().size()) >= total; }));
  flood.join();
  EXPECT_GE(received, total);
}

TEST_F(Pump, refuses_more_than_a_guest_takes) {
  Viewer viewer(1 << 20);
  auto const link = connect(viewer);
  std::string const paste(64 * 1024, 'y');
  bool taken = true;
  for (int i = 0; i < 200 && taken; ++i) taken = pump->to_guest(link, paste);
  EXPECT_FALSE(taken);
}

TEST_F(Pump, tells_that_the_guest_stopped) {
  Viewer viewer(1 << 20);
  connect(viewer);
  guest.reset();
  EXPECT_TRUE(within(5s, [&] { return viewer.take(), viewer.closed == 4000; }));
}

TEST_F(Pump, rests_until_a_stalled_viewer_takes_what_a_stopped_guest_said_last) {
  Viewer viewer(64 * 1024);
  connect(viewer);
  // More than the viewer's queue, less than that and the socket's buffer.
  std::string const last_words(160 * 1024, 'z');
  say(last_words);
  guest.reset();
  // The processor's time, not the clock's: a pump that spins uses nearly all there is.
  auto const begin = std::clock();
  auto const until = std::chrono::steady_clock::now() + 1s;
  while (std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(10ms);
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 5);
  std::size_t received = 0;
  EXPECT_TRUE(within(10s, [&] { return received += viewer.take().size(), viewer.closed == 4000; }));
  EXPECT_EQ(received, last_words.size());
}

TEST_F(Pump, closes_when_the_right_is_gone) {
  Viewer viewer(1 << 20);
  std::atomic<bool> allowed = true;
  connect(viewer, [&] { return allowed.load(); });
  allowed = false;
  EXPECT_TRUE(within(5s, [&] { return viewer.take(), viewer.closed == 4001; }));
}

TEST_F(Pump, stops_with_links_open) {
  Viewer viewer(1 << 20);
  auto const link = connect(viewer);
  pump->stop();
  viewer.take();
  EXPECT_EQ(viewer.closed, 1001);
  EXPECT_FALSE(pump->to_guest(link, "x"));
  EXPECT_FALSE(pump->add(Descriptor(::dup(guest.get())), viewer.sender, [] { return true; }));
}

}  // namespace
}  // namespace berth::api
