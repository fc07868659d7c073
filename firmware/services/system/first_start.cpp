#include "firmware/services/system/first_start.hpp"

#include "firmware/base/ipv4.hpp"
#include "firmware/services/network/address_allocation.hpp"

namespace berth::services {
namespace {

Result<void> add_plans(store::Transaction& tx) {
  struct Row {
    char const* name;
    std::uint32_t vcpus;
    std::uint64_t memory;
    std::uint64_t disk;
  };
  for (auto const& row : {Row{"tiny", 1, 128 * mib, 1 * gib}, Row{"small", 1, 1 * gib, 10 * gib},
                          Row{"medium", 2, 2 * gib, 20 * gib}, Row{"large", 4, 8 * gib, 80 * gib}})
    TRY(tx.plans.add({PlanId::fresh(), row.name, std::nullopt, row.vcpus, Bytes{row.memory}, Bytes{row.disk}}));
  return {};
}

Result<void> add_pool(store::Transaction& tx, NodeId const& node, FirstStart const& wish) {
  auto const network = parse_ipv4(wish.pool_network);
  auto const gateway = parse_ipv4(wish.pool_gateway);
  if (!network || !gateway || wish.pool_prefix < 8 || wish.pool_prefix > 30)
    return fail(ErrorCode::invalid_argument, "invalid-pool",
                "The pool's network, prefix (8 to 30) or gateway is not acceptable.");
  auto const range = network::usable_range(*network, wish.pool_prefix);
  if (range.first != *network + 1 || *gateway < range.first || *gateway > range.last)
    return fail(ErrorCode::invalid_argument, "invalid-pool",
                "The pool's network must begin at its own address and hold its gateway.");
  auto const id = PoolId::fresh();
  TRY(tx.pools.add({id, node, "first", *network, wish.pool_prefix, *gateway, {wish.pool_gateway}, wish.pool_nat}));
  for (std::uint32_t i = 0; i < wish.pool_reserved && range.first + i <= range.last; ++i)
    if (range.first + i != *gateway) TRY(tx.pools.hold({id, range.first + i, std::nullopt}));
  return {};
}

}  // namespace

Result<void> prepare_first_start(store::Store& store, Moment now, FirstStart const& wish) {
  return store.write(store::Author{"first-start", now}, [&](store::Transaction& tx) -> Result<void> {
    if (!TRY(tx.nodes.empty())) return {};
    auto const node = NodeId::fresh();
    TRY(tx.nodes.add(node, wish.node_name));
    TRY(tx.tenants.add_house({TenantId::fresh(), wish.tenant_name, now}));
    TRY(add_plans(tx));
    return add_pool(tx, node, wish);
  });
}

}  // namespace berth::services
