#include "firmware/services/system/host_overview.hpp"

#include "firmware/services/compute/admission.hpp"

namespace berth::services {

Result<HostOverview> host_overview(Call& call, Granted<access::System> const& system) {
  HostOverview overview;
  TRY(call.read([&](store::Snapshot& s) -> Result<void> {
    overview.node = TRY(s.nodes.local());
    overview.memory_promised = TRY(s.servers.memory_promised(overview.node.id));
    return {};
  }));
  if (overview.node.facts) {
    overview.memory_to_sell = compute::memory_free_to_sell(*overview.node.facts, overview.memory_promised);
    overview.storage_full = compute::storage_is_full(*overview.node.facts);
  }
  overview.pool = TRY(network::pool_usage(call, system));
  return overview;
}

}  // namespace berth::services
