#include "firmware/services/compute/server_deletion.hpp"

#include "firmware/events/event.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::compute {

Result<JobId> delete_server(Call& call, Granted<store::Server> const& granted) {
  return call.write([&](store::Transaction& tx) -> Result<JobId> {
    auto const server = TRY(tx.servers.get(granted.id(), store::TenantScope::one(granted->tenant)));
    if (auto const active = TRY(tx.jobs.active_for(server.id))) {
      if (active->type == "server.delete") return active->id;
      return fail(ErrorCode::conflict, "job-under-way",
                  "\"" + active->title + "\" is under way; wait until it is done, or cancel it.");
    }
    TRY(tx.servers.set_wanted(server.id, store::WantedState::deleted));
    TRY(tx.events.add(events::ServerDeletionWished{server.tenant, server.id, server.name}));
    return tx.jobs.enqueue(
        jobs::ServerDelete{server.tenant, server.id, server.name, {server.wanted, store::WantedState::deleted}});
  });
}

}  // namespace berth::compute
