// Which address of a pool a server gets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "firmware/services/call.hpp"

namespace berth::network {

// Addresses that may be given out, both ends included: everything but the network and the broadcast address (RFC 950,
// RFC 919).
struct AddressRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
AddressRange usable_range(std::uint32_t network, std::uint8_t prefix);

// Pure: the lowest address of the range that is not in `taken` (ascending, without repetition; may hold others outside
// the range).
std::optional<std::uint32_t> lowest_free(AddressRange range, std::span<std::uint32_t const> taken);

// The address that the server holds already, or the lowest free one of the node's first pool that has one, held for it from
// now on. Errors: exhausted ("pool-empty").
Result<store::HeldAddress> allocate_address(store::Transaction& tx, NodeId const& node, ServerId const& server);

struct PoolUsage {
  std::uint64_t addresses_total = 0;
  std::uint64_t addresses_free = 0;
};
Result<PoolUsage> pool_usage(services::Call& call, services::Granted<access::System> const& system);

}  // namespace berth::network
