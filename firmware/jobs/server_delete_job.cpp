#include "firmware/events/event.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/server_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<void> close_consoles(StepRun& run) {
  return run.write([&](store::Transaction& tx) { return tx.tickets.remove_of_server(server_of(run)); });
}
Result<void> release_address(StepRun& run) {
  return run.write([&](store::Transaction& tx) { return tx.pools.release(server_of(run)); });
}
Result<void> forget_server(StepRun& run) {
  return run.write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.servers.remove(server_of(run)));
    return tx.peer_groups.remove_unused(run.job.tenant.value());
  });
}

Result<void> deleted(store::Transaction& tx, store::Job const& job) {
  auto const payload = TRY(payload_of<ServerPayload>(job));
  return tx.events.add(events::ServerDeleted{*job.tenant, *job.server, payload.name});
}

// Called off while it was queued: nothing of the server was touched. What failed half way stays wanted, so that it can
// be tried again.
Result<void> not_deleted(store::Transaction& tx, store::Job const& job) {
  if (job.state != store::JobState::cancelled) return {};
  return take_back_wish(tx, job);
}

constexpr Step steps[] = {
    {"close its consoles", close_consoles}, {"stop the guest", cut_power},
    {"undefine it", undefine_guest},        {"disconnect it from the network", disconnect_network},
    {"delete its disk", delete_disk},       {"release its address", release_address},
    {"forget it", forget_server},
};

}  // namespace

// What is deleted does not come back: it only goes forward, and cannot be called off once it runs.
constexpr JobType server_delete{.name = "server.delete",
                                .steps = steps,
                                .deadline = std::chrono::hours(1),
                                .cancellable = false,
                                .succeeded = deleted,
                                .failed = not_deleted,
                                .retried = wish_again};

}  // namespace berth::jobs
