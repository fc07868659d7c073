#include "firmware/services/system/host_overview.hpp"

namespace berth::services {

Result<HostOverview> host_overview(Call& call, Granted<access::System> const& system) {
  HostOverview overview;
  overview.node = TRY(call.read([](store::Snapshot& s) { return s.nodes.local(); }));
  overview.pool = TRY(network::pool_usage(call, system));
  return overview;
}

}  // namespace berth::services
