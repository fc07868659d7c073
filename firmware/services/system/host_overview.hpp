// The machine, as the engine last described it.
#pragma once

#include "firmware/services/call.hpp"
#include "firmware/services/network/address_allocation.hpp"

namespace berth::services {

struct HostOverview {
  store::Node node;
  network::PoolUsage pool;
  Bytes memory_promised;      // to all its servers
  Bytes memory_to_sell;       // what one more server may have; 0 until the machine is known
  bool storage_full = false;  // no more servers until something is freed
};
Result<HostOverview> host_overview(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
