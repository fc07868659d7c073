#include "firmware/services/network/address_allocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <thread>

#include "firmware/base/ipv4.hpp"
#include "tests/support/panel.hpp"

namespace berth::network {
namespace {

TEST(UsableRange, leaves_out_network_and_broadcast) {
  struct Row {
    char const* network;
    std::uint8_t prefix;
    char const* first;
    char const* last;
  };
  for (auto const& row :
       {Row{"10.77.0.0", 24, "10.77.0.1", "10.77.0.254"}, Row{"192.0.2.4", 30, "192.0.2.5", "192.0.2.6"},
        Row{"10.0.0.0", 8, "10.0.0.1", "10.255.255.254"},
        Row{"255.255.255.0", 24, "255.255.255.1", "255.255.255.254"}}) {
    auto const range = usable_range(*parse_ipv4(row.network), row.prefix);
    EXPECT_EQ(ipv4_text(range.first), row.first);
    EXPECT_EQ(ipv4_text(range.last), row.last);
  }
}

TEST(Ipv4, reads_what_it_writes_and_refuses_the_rest) {
  EXPECT_TRUE(
      rc::check("round trip", [](std::uint32_t address) { RC_ASSERT(parse_ipv4(ipv4_text(address)) == address); }));
  for (auto const* text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", "a.b.c.d", "1.2.3.-4", "1.2.3.4\n"})
    EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(LowestFree, holds_for_every_pool_and_every_set_of_taken_addresses) {
  EXPECT_TRUE(rc::check("free, inside, lowest; none only when full", [] {
    auto const prefix = static_cast<std::uint8_t>(*rc::gen::inRange(24, 31));
    auto const base = *rc::gen::arbitrary<std::uint32_t>();
    auto const range = usable_range(base, prefix);
    // Also addresses around the range, which must not matter.
    auto const taken_list = *rc::gen::container<std::vector<std::uint32_t>>(
        rc::gen::map(rc::gen::inRange<std::int64_t>(-4, 260),
                     [&](std::int64_t offset) { return static_cast<std::uint32_t>(range.first + offset); }));
    std::set<std::uint32_t> const taken(taken_list.begin(), taken_list.end());
    std::vector<std::uint32_t> const sorted(taken.begin(), taken.end());
    auto const found = lowest_free(range, sorted);
    std::optional<std::uint32_t> expected;
    for (std::uint64_t a = range.first; a <= range.last && !expected; ++a)
      if (!taken.contains(static_cast<std::uint32_t>(a))) expected = static_cast<std::uint32_t>(a);
    RC_ASSERT(found == expected);
  }));
}

TEST(LowestFree, works_at_the_end_of_the_address_space) {
  std::vector<std::uint32_t> const taken{0xfffffffd, 0xfffffffe};
  EXPECT_EQ(lowest_free({0xfffffffd, 0xfffffffe}, taken), std::nullopt);
  EXPECT_EQ(lowest_free({0xfffffffd, 0xfffffffe}, std::span(taken).first(1)), 0xfffffffe);
}

TEST(Allocation, racing_creations_never_share_an_address_and_stop_when_the_pool_is_empty) {
  support::Panel panel;
  constexpr int rooms = 5;
  // All but five addresses of the pool are reserved.
  ASSERT_TRUE(panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) -> Result<void> {
    auto const pool = TRY(tx.pools.get(panel.world.pool()));
    auto const range = usable_range(pool.network, pool.prefix);
    for (auto a = range.first; a <= range.last - rooms; ++a)
      if (a != pool.gateway) TRY(tx.pools.hold({pool.id, a, std::nullopt}));
    return {};
  }));
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i)
      threads.emplace_back([&, i] {
        auto one = panel.create("web-" + std::to_string(i));
        if (one)
          ++made;
        else if (one.error().slug == "pool-empty")
          ++refused;
      });
  }
  EXPECT_EQ(made, rooms);
  EXPECT_EQ(refused, 20 - rooms);
  auto const servers =
      panel.world.store().read([&](store::Snapshot& s) { return s.servers.on_node(panel.world.node()); });
  EXPECT_EQ(servers->size(), static_cast<std::size_t>(rooms)) << "a refused creation leaves nothing";
}

}  // namespace
}  // namespace berth::network
