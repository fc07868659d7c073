#include "firmware/jobs/server_steps.hpp"

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"

namespace berth::jobs {

ServerId const& server_of(StepRun const& run) {
  return run.job.server.value();
}

Result<void> start_guest(StepRun& run) {
  TRY(run.engine.start_guest(guest_id(server_of(run))));
  return {};
}

Result<void> cut_power(StepRun& run) {
  contract::StopGuest wish;
  wish.guest = guest_id(server_of(run));
  wish.force = true;
  TRY(run.engine.stop_guest(wish));
  return {};
}

Result<void> undefine_guest(StepRun& run) {
  return run.engine.undefine_guest(guest_id(server_of(run)));
}
Result<void> disconnect_network(StepRun& run) {
  return run.engine.disconnect_network(guest_id(server_of(run)));
}
Result<void> delete_disk(StepRun& run) {
  return run.engine.delete_disk(guest_id(server_of(run)));
}

Result<void> record_state(StepRun& run) {
  auto const status = TRY(run.engine.guest(guest_id(server_of(run))));
  return run.store.write(
      store::Author{run.job.actor, run.now()},
      [&](store::Transaction& tx) -> Result<void> {
        auto const before = TRY(tx.servers.observation(server_of(run)));
        auto now = observe(before, status, tx.now());
        now.drift.clear();  // what a job has just made is what is wanted
        TRY(tx.servers.observe(now));
        if (now.state == before.state) return {};
        auto const server = TRY(tx.servers.get(server_of(run), store::TenantScope::all_tenants_for_staff()));
        return tx.events.add(
            events::ServerStateChanged{server.tenant, server.id, server.name, before.state, now.state});
      },
      store::Durability::process);
}

}  // namespace berth::jobs
