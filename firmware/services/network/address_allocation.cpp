#include "firmware/services/network/address_allocation.hpp"

#include <algorithm>

namespace berth::network {

AddressRange usable_range(std::uint32_t network, std::uint8_t prefix) {
  std::uint32_t const host_bits = prefix >= 32 ? 0 : ~std::uint32_t{0} >> prefix;
  auto const base = network & ~host_bits;
  return {base + 1, (base | host_bits) - 1};
}

std::optional<std::uint32_t> lowest_free(AddressRange range, std::span<std::uint32_t const> taken) {
  auto const from = std::ranges::lower_bound(taken, range.first);
  auto const inside = std::span(from, std::ranges::upper_bound(from, taken.end(), range.last));
  // As long as nothing is missing, the n-th taken address is first + n: the first place where that fails is found by
  // halving.
  std::size_t low = 0;
  std::size_t high = inside.size();
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    if (inside[middle] - range.first == middle)
      low = middle + 1;
    else
      high = middle;
  }
  auto const candidate = std::uint64_t{range.first} + low;
  if (candidate > range.last) return std::nullopt;
  return static_cast<std::uint32_t>(candidate);
}

Result<store::HeldAddress> allocate_address(store::Transaction& tx, NodeId const& node, ServerId const& server) {
  if (auto held = TRY(tx.pools.of_server(server))) return *std::move(held);
  for (auto const& pool : TRY(tx.pools.on_node(node))) {
    auto const taken = TRY(tx.pools.taken(pool.id));
    auto const address = lowest_free(usable_range(pool.network, pool.prefix), taken);
    if (!address) continue;
    store::HeldAddress held{pool.id, *address, server};
    TRY(tx.pools.hold(held));
    return held;
  }
  return fail(ErrorCode::exhausted, "pool-empty", "No address is free: the address pools of this machine are used up.");
}

Result<PoolUsage> pool_usage(services::Call& call, services::Granted<access::System> const&) {
  return call.read([](store::Snapshot& s) -> Result<PoolUsage> {
    PoolUsage usage;
    auto const node = TRY(s.nodes.local());
    for (auto const& pool : TRY(s.pools.on_node(node.id))) {
      auto const range = usable_range(pool.network, pool.prefix);
      auto const total = std::uint64_t{range.last} - range.first + 1;
      usage.addresses_total += total;
      usage.addresses_free += total - std::min(total, TRY(s.pools.count_taken(pool.id)));
    }
    return usage;
  });
}

}  // namespace berth::network
