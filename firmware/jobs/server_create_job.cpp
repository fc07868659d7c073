#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/server_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<ServerFacts> facts_of(StepRun& run) {
  return run.store.read([&](store::Snapshot& s) { return server_facts(s, server_of(run)); });
}

Result<void> ready_network(StepRun& run) {
  return run.engine.ensure_network(TRY(network_spec(TRY(facts_of(run)).pool)));
}
Result<void> create_disk(StepRun& run) {
  return run.engine.create_disk(TRY(disk_spec(TRY(facts_of(run)).server)));
}
Result<void> connect_network(StepRun& run) {
  return run.engine.connect_network(guest_id(server_of(run)), TRY(nic_spec(TRY(facts_of(run)))));
}
Result<void> define_guest(StepRun& run) {
  return run.engine.define_guest(TRY(guest_spec(TRY(facts_of(run)))));
}

Result<void> start_if_wished(StepRun& run) {
  if (!TRY(payload_of<ServerPayload>(run.job)).start) return {};
  return start_guest(run);
}

Result<void> built(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  TRY(tx.servers.set_build(*job.server, store::BuildState::built, ""));
  return tx.events.add(events::ServerBuilt{*job.tenant, *job.server, payload.name});
}

Result<void> not_built(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  TRY(tx.servers.set_build(*job.server, store::BuildState::failed, job.error_message));
  // Nothing is connected under its address any more: another server may have it, and a retry looks for one. After an
  // undo that failed something may be, so that it stays held until the server is deleted.
  if (job.state != store::JobState::failed) TRY(tx.pools.release(*job.server));
  return tx.events.add(events::ServerBuildFailed{*job.tenant, *job.server, payload.name, job.error_message});
}

Result<void> building_again(store::Transaction& tx, store::Job const& job) {
  auto const server = TRY(tx.servers.get(*job.server, store::TenantScope::all_tenants_for_staff()));
  if (server.build == store::BuildState::built)
    return fail(ErrorCode::conflict, "job-not-retryable", "The server is made already.");
  return tx.servers.set_build(*job.server, store::BuildState::building, "");
}

constexpr Step steps[] = {
    {"make the network ready", ready_network},
    {"create its disk", create_disk, delete_disk},
    {"connect it to the network", connect_network, disconnect_network},
    {"define it", define_guest, undefine_guest},
    {"start it", start_if_wished, cut_power},
    {"record what the engine says", record_state},
};

}  // namespace

constexpr JobType server_create{
    .name = "server.create",
    .steps = steps,
    .deadline = std::chrono::minutes(15),
    .after_failure = JobType::AfterFailure::undo,
    .succeeded = built,
    .failed = not_built,
    .retried = building_again,
};

}  // namespace berth::jobs
