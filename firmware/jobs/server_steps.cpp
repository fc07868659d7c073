#include "firmware/jobs/server_steps.hpp"

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"

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
            events::ServerStateChanged{server.tenant, server.id, server.name, before.state, now.state, now.reason});
      },
      store::Durability::process);
}

Result<void> take_back_wish(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  if (!payload.wanted) return {};
  auto const* type = find_type(job.type);
  if (type == nullptr || job.step + 1 >= static_cast<int>(type->steps.size())) return {};
  return tx.servers.set_wanted(*job.server, payload.wanted->from);
}

Result<void> wish_again(store::Transaction& tx, store::Job const& job) {
  auto payload = TRY(payload_of<ServerPayload>(job));
  if (!payload.wanted) return {};
  // Other wishes may have come true since the first attempt.
  auto const server = TRY(tx.servers.get(*job.server, store::TenantScope::all_tenants_for_staff()));
  payload.wanted->from = server.wanted;
  TRY(tx.jobs.set_payload(job.id, write_json(payload)));
  return tx.servers.set_wanted(server.id, payload.wanted->to);
}

}  // namespace berth::jobs
