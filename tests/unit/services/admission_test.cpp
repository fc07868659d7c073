#include "firmware/services/compute/admission.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <thread>

#include "firmware/services/compute/server_creation.hpp"
#include "firmware/services/system/host_overview.hpp"
#include "tests/support/panel.hpp"

namespace berth::compute {
namespace {

store::NodeFacts machine(std::uint64_t memory, std::uint64_t storage_free_percent = 100) {
  store::NodeFacts facts;
  facts.memory_bytes = memory;
  facts.storage_bytes = 100 * gib;
  facts.storage_free_bytes = storage_free_percent * gib;
  return facts;
}

store::Plan plan_of(std::uint64_t memory) {
  return {PlanId::fresh(), "p", std::nullopt, 1, Bytes{memory}, Bytes{1 * gib}};
}

TEST(Admission, keeps_a_reserve_for_the_system) {
  EXPECT_EQ(memory_reserve(Bytes{2 * gib}).count, 512 * mib);
  EXPECT_EQ(memory_reserve(Bytes{100 * gib}).count, 5 * gib);
  EXPECT_EQ(memory_free_to_sell(machine(256 * mib), Bytes{0}).count, 0u);
  EXPECT_EQ(memory_free_to_sell(machine(4 * gib), Bytes{5 * gib}).count, 0u) << "promised before there was a rule";
}

TEST(Admission, takes_what_fits_to_the_byte_and_says_how_much_is_free) {
  auto const facts = machine(4 * gib);
  EXPECT_TRUE(admit(plan_of(512 * mib), facts, Bytes{3 * gib}));
  auto const refused = admit(plan_of(512 * mib + 1), facts, Bytes{3 * gib});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "memory-promised");
  EXPECT_EQ(refused.error().fields.at(0).pointer, "/plan");
  EXPECT_TRUE(refused.error().fields.at(0).message.contains("512 MiB is free"));
}

TEST(Admission, never_promises_more_than_there_is) {
  EXPECT_TRUE(rc::check("promised + reserve <= memory", [](std::uint32_t memory, std::vector<std::uint32_t> plans) {
    auto const facts = machine(std::uint64_t{memory} * 64);
    Bytes promised{0};
    for (auto const wanted : plans)
      if (admit(plan_of(wanted), facts, promised)) promised.count += wanted;
    if (promised.count > 0)
      RC_ASSERT(promised.count + memory_reserve(Bytes{facts.memory_bytes}).count <= facts.memory_bytes);
  }));
}

TEST(Admission, refuses_when_the_storage_is_nearly_full) {
  EXPECT_TRUE(admit(plan_of(1 * gib), machine(4 * gib, 10), Bytes{0}));
  auto const refused = admit(plan_of(1 * gib), machine(4 * gib, 9), Bytes{0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "storage-full");
  EXPECT_EQ(refused.error().fields.at(0).pointer, "/plan");
}

TEST(Admission, of_many_at_once_lets_in_what_fits) {
  support::Panel panel;
  // Room for exactly three of the world's plan.
  ASSERT_TRUE(panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) {
    auto facts = machine(512 * mib + 3 * panel.world.plan().memory.count);
    facts.cpus = 8;
    return tx.nodes.set_facts(panel.world.node(), facts);
  }));
  std::atomic<int> made = 0, refused = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 8; ++i)
      askers.emplace_back([&, i] {
        auto const created = panel.create("web-" + std::to_string(i));
        if (created)
          ++made;
        else if (created.error().slug == "memory-promised")
          ++refused;
      });
  }
  EXPECT_EQ(made, 3);
  EXPECT_EQ(refused, 5);
  auto call = panel.call();
  auto const overview = services::host_overview(call, *access::grant_system(call, access::Permission::host_view));
  ASSERT_TRUE(overview);
  EXPECT_EQ(overview->memory_to_sell.count, 0u);
  EXPECT_EQ(overview->memory_promised.count, 3 * panel.world.plan().memory.count);
}

}  // namespace
}  // namespace berth::compute
