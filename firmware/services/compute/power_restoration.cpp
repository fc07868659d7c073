#include "firmware/services/compute/power_restoration.hpp"

#include <map>

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::compute {

bool restores(store::Server const& server, contract::GuestState seen) {
  if (server.build != store::BuildState::built || server.wanted != store::WantedState::running) return false;
  return seen == contract::GuestState::absent || seen == contract::GuestState::stopped ||
         seen == contract::GuestState::crashed;
}

Result<int> restore_power_after_boot(Call& call, Granted<access::System> const&, std::string_view boot_id,
                                     std::vector<contract::GuestStatus> const& guests) {
  return call.write([&](store::Transaction& tx) -> Result<int> {
    auto const node = TRY(tx.nodes.local());
    if (node.boot_id == boot_id) return 0;
    std::map<std::string, contract::GuestState> seen;
    for (auto const& guest : guests) seen.emplace(guest.guest, guest.state);
    int started = 0;
    for (auto const& server : TRY(tx.servers.on_node(node.id))) {
      auto const found = seen.find(jobs::guest_id(server.id).str());
      if (!restores(server, found == seen.end() ? contract::GuestState::absent : found->second)) continue;
      // A job that the boot interrupted is resumed and brings the server where it should be.
      if (TRY(tx.jobs.active_for(server.id))) continue;
      TRY(tx.events.add(
          events::ServerPowerWished{server.tenant, server.id, server.name, "start after the machine's boot"}));
      TRY(tx.jobs.enqueue(jobs::ServerStart{server.tenant, server.id, server.name, {server.wanted, server.wanted}}));
      ++started;
    }
    TRY(tx.nodes.set_boot(node.id, boot_id));
    return started;
  });
}

}  // namespace berth::compute
