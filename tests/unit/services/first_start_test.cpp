#include "firmware/services/system/first_start.hpp"

#include <gtest/gtest.h>

#include "firmware/base/ipv4.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::services {
namespace {

class FirstStarts : public ::testing::Test {
 protected:
  support::TemporaryFolder folder;
  std::unique_ptr<store::Store> store = store::Store::open({folder.path() / "berth.db"}).value();
};

TEST_F(FirstStarts, give_a_machine_a_house_plans_and_a_pool_once) {
  ASSERT_TRUE(prepare_first_start(*store, from_ms(1), {}));
  auto const node = store->read([](store::Snapshot& s) { return s.nodes.local(); });
  ASSERT_TRUE(node);
  ASSERT_TRUE(prepare_first_start(*store, from_ms(2), {}));
  auto read = store->read([&](store::Snapshot& s) -> Result<void> {
    EXPECT_EQ(TRY(s.nodes.local()).id, node->id);
    EXPECT_EQ(TRY(s.tenants.house()).created_at, from_ms(1));
    EXPECT_GE(TRY(s.plans.all()).size(), 3u);
    auto const pools = TRY(s.pools.on_node(node->id));
    EXPECT_EQ(pools.size(), 1u);
    EXPECT_EQ(ipv4_text(pools.at(0).gateway), "10.77.0.1");
    EXPECT_EQ(TRY(s.pools.taken(pools.at(0).id)).size(), 9u) << "the gateway and what is reserved after it";
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_F(FirstStarts, refuse_a_pool_that_makes_no_sense) {
  for (auto const& wish : {FirstStart{.pool_network = "10.77.0.1"}, FirstStart{.pool_network = "x"},
                           FirstStart{.pool_prefix = 31}, FirstStart{.pool_gateway = "10.78.0.1"},
                           FirstStart{.pool_gateway = "10.77.0.255"}, FirstStart{.pool_gateway = "10.77.0.0"}})
    EXPECT_FALSE(prepare_first_start(*store, from_ms(1), wish));
  EXPECT_TRUE(prepare_first_start(*store, from_ms(1),
                                  {.pool_network = "192.0.2.0", .pool_prefix = 28, .pool_gateway = "192.0.2.14"}));
}

}  // namespace
}  // namespace berth::services
