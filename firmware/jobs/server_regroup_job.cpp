#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/server_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

// Who a guest may reach is the network's alone: a guest that runs notices nothing else, and one that is stopped keeps
// its place until it starts.
Result<void> tell_network(StepRun& run, ServerFacts const& facts) {
  TRY(run.engine.ensure_network(TRY(network_spec(facts.pool))));
  return run.engine.connect_network(guest_id(server_of(run)), TRY(nic_spec(facts)));
}

Result<void> change_peers(StepRun& run) {
  return tell_network(run, TRY(run.store.read([&](store::Snapshot& s) { return server_facts(s, server_of(run)); })));
}

Result<void> change_peers_back(StepRun& run) {
  return tell_network(run, TRY(run.store.read([&](store::Snapshot& s) -> Result<ServerFacts> {
                        auto facts = TRY(server_facts(s, server_of(run)));
                        facts.server.peer_group = TRY(s.peer_groups.before(facts.server.id));
                        return facts;
                      })));
}

Result<void> changed(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  TRY(tx.peer_groups.keep(*job.server));
  TRY(tx.peer_groups.remove_unused(*job.tenant));
  return tx.events.add(events::ServerPeerGroupChanged{*job.tenant, *job.server, payload.name, payload.peer_group});
}

Result<void> not_changed(store::Transaction& tx, store::Job const& job) {
  TRY(tx.peer_groups.take_back(*job.server));
  return tx.peer_groups.remove_unused(*job.tenant);
}

Result<void> changing_again(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  auto const server = TRY(tx.servers.get(*job.server, store::TenantScope::one(*job.tenant)));
  if (server.build != store::BuildState::built || server.wanted == store::WantedState::deleted)
    return fail(ErrorCode::conflict, "job-not-retryable", "The server is not there to be changed.");
  std::optional<store::PeerGroup> group;
  if (!payload.peer_group.empty()) group = TRY(tx.peer_groups.find_or_add(server.tenant, payload.peer_group));
  return tx.peer_groups.change(server.id, server.tenant, group);
}

constexpr Step steps[] = {
    {"change whom it may reach", change_peers, change_peers_back},
    {"record what the engine says", record_state},
};

}  // namespace

constexpr JobType server_regroup{
    .name = "server.regroup",
    .steps = steps,
    .deadline = std::chrono::minutes(10),
    .after_failure = JobType::AfterFailure::undo,
    .succeeded = changed,
    .failed = not_changed,
    .retried = changing_again,
};

}  // namespace berth::jobs
