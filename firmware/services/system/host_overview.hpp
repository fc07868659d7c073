// The machine, as the engine last described it.
#pragma once

#include "firmware/services/call.hpp"
#include "firmware/services/network/address_allocation.hpp"

namespace berth::services {

struct HostOverview {
  store::Node node;
  network::PoolUsage pool;
};
Result<HostOverview> host_overview(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
