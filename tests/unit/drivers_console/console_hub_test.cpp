// The hub between terminals and viewers: history, both directions, and that nobody holds up anybody.
#include "drivers/console/console_hub.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

#include "drivers/console/history.hpp"

namespace berth::console {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

contract::GuestId guest(char last) {
  return contract::GuestId::parse(std::string("0190f3c4-0000-7000-8000-00000000000") + last).value();
}

// The machine's end of a terminal: hands out one socket pair after another.
class Machine {
 public:
  explicit Machine(int type = SOCK_STREAM) : type_(type) {}

  Connector connector() {
    return [this]() -> Result<Descriptor> {
      std::lock_guard lock(mutex_);
      ++attempts_;
      if (refusing_) return fail(ErrorCode::unavailable, "refused", "not now");
      int pair[2];
      if (::socketpair(AF_UNIX, type_ | SOCK_CLOEXEC, 0, pair) < 0) return fail_errno(errno, "socketpair");
      ends_.emplace_back(pair[0]);
      return Descriptor(pair[1]);
    };
  }
  // The newest connection, once there are `count` of them.
  int end(std::size_t count = 1) {
    auto const until = steady_clock::now() + 30s;
    while (steady_clock::now() < until) {
      {
        std::lock_guard lock(mutex_);
        if (ends_.size() >= count) return ends_.back().get();
      }
      std::this_thread::sleep_for(1ms);
    }
    return -1;
  }
  void hang_up() {
    std::lock_guard lock(mutex_);
    ends_.back().reset();
  }
  void refuse(bool yes) {
    std::lock_guard lock(mutex_);
    refusing_ = yes;
  }
  int attempts() {
    std::lock_guard lock(mutex_);
    return attempts_;
  }

 private:
  int const type_;
  std::mutex mutex_;
  std::deque<Descriptor> ends_;
  bool refusing_ = false;
  int attempts_ = 0;
};

void say(int fd, std::string_view text) {
  ASSERT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

// What arrives until `text` is among it; all that arrived when it is not there within 30 s.
std::string hear(int fd, std::string_view text) {
  std::string heard;
  auto const until = steady_clock::now() + 30s;
  while (heard.find(text) == std::string::npos && steady_clock::now() < until) {
    pollfd p{fd, POLLIN, 0};
    if (::poll(&p, 1, 100) <= 0) continue;
    char buffer[4096];
    auto const n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) return heard + "<end>";
    heard.append(buffer, static_cast<std::size_t>(n));
  }
  return heard;
}

TEST(History, KeepsTheEndAndBeginsWithALine) {
  History history;
  EXPECT_EQ(history.recent(), "");
  history.add("half a line");
  EXPECT_EQ(history.recent(), "half a line");
  for (int i = 0; i < 10000; ++i) history.add("\nline number " + std::to_string(i));
  auto const recent = history.recent();
  EXPECT_LE(recent.size(), History::bytes_max);
  EXPECT_TRUE(recent.starts_with("line number ")) << recent.substr(0, 40);
  EXPECT_TRUE(recent.ends_with("line number 9999"));
  EXPECT_GE(std::ranges::count(recent, '\n'), 150);
  history.add(std::string(3 * History::bytes_max, 'x'));
  EXPECT_EQ(history.recent().size(), History::bytes_max) << "one endless line";
}

TEST(ConsoleHub, WhatWasSaidBeforeItWasAttachedComesFirstAndOnce) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector(), "long ago\n");
  hub.attach(guest('1'), machine.connector(), "not again\n");
  say(machine.end(), "lately\n");
  auto const viewer = hub.open(guest('1')).value();
  EXPECT_EQ(hear(viewer.get(), "lately\n"), "long ago\nlately\n");
}

TEST(ConsoleHub, AViewerGetsTheHistoryThenBothDirections) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  say(machine.end(), "booting\r\n");
  auto early = hub.open(guest('1')).value();
  EXPECT_EQ(hear(early.get(), "booting\r\n"), "booting\r\n");
  auto late = hub.open(guest('1')).value();
  EXPECT_EQ(hear(late.get(), "booting\r\n"), "booting\r\n");
  say(machine.end(), "login: ");
  EXPECT_EQ(hear(early.get(), "login: "), "login: ");
  EXPECT_EQ(hear(late.get(), "login: "), "login: ");
  say(late.get(), "root\r");
  EXPECT_EQ(hear(machine.end(), "root\r"), "root\r");
}

TEST(ConsoleHub, ReadsWhenNobodyLooks) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  // Far more than the socket holds: these sends end only when somebody reads.
  for (int i = 0; i < 200; ++i) say(machine.end(), std::string(4096, 'a') + "\n");
  say(machine.end(), "the last line\r\n");
  auto viewer = hub.open(guest('1')).value();
  EXPECT_NE(hear(viewer.get(), "the last line").find("the last line"), std::string::npos);
}

TEST(ConsoleHub, ConmonsMessagesLoseTheirTag) {
  Machine machine(SOCK_SEQPACKET);
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  auto viewer = hub.open(guest('1')).value();
  say(machine.end(), "\x02hello ");
  say(machine.end(), "\x02world\r\n");
  EXPECT_EQ(hear(viewer.get(), "world\r\n"), "hello world\r\n");
  say(viewer.get(), "ls\r");
  EXPECT_EQ(hear(machine.end(), "ls\r"), "ls\r");
}

TEST(ConsoleHub, UnknownGuestsHaveNoConsole) {
  ConsoleHub hub;
  EXPECT_FALSE(hub.attached(guest('1')));
  EXPECT_EQ(hub.open(guest('1')).error().code, ErrorCode::not_found);
  hub.detach(guest('1'));
}

TEST(ConsoleHub, DetachEndsViewersAndForgets) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  say(machine.end(), "secret of the old guest");
  auto viewer = hub.open(guest('1')).value();
  hear(viewer.get(), "old guest");
  hub.detach(guest('1'));
  EXPECT_EQ(hear(viewer.get(), "never"), "<end>");
  EXPECT_EQ(hub.open(guest('1')).error().code, ErrorCode::not_found);
  hub.attach(guest('1'), machine.connector());
  say(machine.end(2), "new");
  auto next = hub.open(guest('1')).value();
  EXPECT_EQ(hear(next.get(), "new"), "new");
}

TEST(ConsoleHub, ALostTerminalIsFoundAgainUnderItsViewers) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  auto viewer = hub.open(guest('1')).value();
  say(machine.end(), "before ");
  hear(viewer.get(), "before ");
  machine.hang_up();
  say(machine.end(2), "after");
  EXPECT_EQ(hear(viewer.get(), "after"), "after");
}

TEST(ConsoleHub, ATerminalThatStaysAwayEndsItsViewersAndIsTriedFurther) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  auto viewer = hub.open(guest('1')).value();
  say(machine.end(), "x");
  hear(viewer.get(), "x");
  machine.refuse(true);
  machine.hang_up();
  EXPECT_EQ(hear(viewer.get(), "never"), "<end>");
  EXPECT_GT(machine.attempts(), 2);
  machine.refuse(false);
  auto next = hub.open(guest('1')).value();
  say(machine.end(2), "back");
  EXPECT_NE(hear(next.get(), "back").find("back"), std::string::npos);
}

TEST(ConsoleHub, AtMostThirtyViewersAndPlacesComeFree) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  std::vector<Descriptor> viewers;
  for (int i = 0; i < 30; ++i) viewers.push_back(hub.open(guest('1')).value());
  EXPECT_EQ(hub.open(guest('1')).error().code, ErrorCode::exhausted);
  hub.attach(guest('2'), machine.connector());
  EXPECT_TRUE(hub.open(guest('2'))) << "another guest's are its own";
  viewers.pop_back();
  auto const until = steady_clock::now() + 30s;
  while (!hub.open(guest('1')) && steady_clock::now() < until) std::this_thread::sleep_for(1ms);
  EXPECT_LT(steady_clock::now(), until);
}

TEST(ConsoleHub, AViewerThatDoesNotReadHoldsUpNobody) {
  Machine machine;
  ConsoleHub hub;
  hub.attach(guest('1'), machine.connector());
  auto sleeper = hub.open(guest('1')).value();
  auto reader = hub.open(guest('1')).value();
  std::jthread guest_talks([&] {
    for (int i = 0; i < 500; ++i) say(machine.end(), std::string(4095, 'a') + "\n");
    say(machine.end(), "the end");
  });
  EXPECT_NE(hear(reader.get(), "the end").find("the end"), std::string::npos);
  guest_talks.join();
  auto const slept = hear(sleeper.get(), "the end");
  EXPECT_NE(slept.find("output was skipped"), std::string::npos);
  EXPECT_LT(slept.size(), 500U * 4096U);
}

// Threat 25. The guest writes as fast as it can; the hub stays answerable and the guest is slowed, not the house.
TEST(ConsoleHub, AFloodIsSlowedAndOthersGoOn) {
  Machine flooding;
  Machine calm;
  ConsoleHub hub;
  hub.attach(guest('1'), flooding.connector());
  hub.attach(guest('2'), calm.connector());
  std::atomic<bool> enough = false;
  std::atomic<std::uint64_t> written = 0;
  ::fcntl(flooding.end(), F_SETFL, O_NONBLOCK);
  std::jthread flood([&] {
    std::string lines;
    while (lines.size() < 4096) lines += "y\n";
    while (!enough) {
      auto const n = ::send(flooding.end(), lines.data(), lines.size(), MSG_NOSIGNAL);
      if (n > 0)
        written += static_cast<std::uint64_t>(n);
      else
        std::this_thread::sleep_for(1ms);
    }
  });
  auto const began = steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    auto viewer = hub.open(guest('2')).value();
    auto const word = "answer " + std::to_string(i);
    say(calm.end(), word);
    EXPECT_NE(hear(viewer.get(), word).find(word), std::string::npos);
  }
  while (written < 200'000) std::this_thread::sleep_for(1ms);
  auto const windows = static_cast<std::uint64_t>((steady_clock::now() - began) / 100ms) + 2;
  enough = true;
  // 2000 lines of two bytes a window; one read of 32 KiB may overshoot it, and the socket holds some more.
  EXPECT_LE(written.load(), windows * 33 * 1024 + 1024 * 1024);
}

}  // namespace
}  // namespace berth::console
