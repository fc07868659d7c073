#include "firmware/services/accounts/attempt_limits.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace berth::accounts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

AttemptLimit::Steady at(seconds since_start) {
  return AttemptLimit::Steady{} + since_start;
}

TEST(AttemptLimit, allows_so_many_in_a_window_and_says_when_the_next_may_come) {
  AttemptLimit limit(3, minutes{15});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.admit("a", at(seconds{i * 60})));
  auto const refused = limit.admit("a", at(seconds{180}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(refused.error().retry_after_s, 15 * 60 - 180);
  EXPECT_TRUE(limit.admit("b", at(seconds{180}))) << "another key has a window of its own";
  EXPECT_TRUE(limit.admit("a", at(minutes{15}))) << "the first attempt is out of the window";
  EXPECT_FALSE(limit.admit("a", at(minutes{15})));
}

TEST(AttemptLimit, a_refused_attempt_does_not_push_the_window) {
  AttemptLimit limit(1, seconds{60});
  EXPECT_TRUE(limit.admit("a", at(seconds{0})));
  for (int i = 1; i < 60; ++i) EXPECT_FALSE(limit.admit("a", at(seconds{i})));
  EXPECT_TRUE(limit.admit("a", at(seconds{60})));
}

TEST(AttemptLimit, success_takes_its_own_count_back) {
  AttemptLimit limit(2, seconds{60});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(limit.admit("a", at(seconds{0})));
    limit.forgive("a");
  }
  EXPECT_TRUE(limit.admit("a", at(seconds{0})));
  EXPECT_TRUE(limit.admit("a", at(seconds{0})));
  EXPECT_FALSE(limit.admit("a", at(seconds{0})));
  limit.forget("a");
  EXPECT_TRUE(limit.admit("a", at(seconds{0})));
}

TEST(AttemptLimit, parallel_attempts_are_counted_each) {
  AttemptLimit limit(5, seconds{60});
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      if (limit.admit("a", at(seconds{0}))) ++admitted;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted, 5);
}

TEST(AttemptLimit, a_flood_of_keys_stays_bounded_and_does_not_open_the_gate) {
  AttemptLimit limit(1, seconds{60});
  std::size_t admitted = 0;
  for (int i = 0; i < 30'000; ++i)
    if (limit.admit("key " + std::to_string(i), at(seconds{0}))) ++admitted;
  EXPECT_LE(admitted, 20'001U);
  EXPECT_TRUE(limit.admit("fresh", at(seconds{60}))) << "the flood is swept out when its window is over";
}

TEST(AddressKey, one_network_counts_as_one) {
  EXPECT_EQ(address_key("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_key("2001:db8:1:2::1"), address_key("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_key("2001:db8:1:2::1"), address_key("2001:db8:1:3::1"));
}

}  // namespace
}  // namespace berth::accounts
