#include "firmware/services/compute/server_power.hpp"

#include "firmware/events/event.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::compute {
namespace {

std::string words_of(PowerAct act) {
  switch (act) {
    case PowerAct::start:
      return "start";
    case PowerAct::shutdown:
      return "shut down";
    case PowerAct::restart:
      return "restart";
    case PowerAct::power_off:
      return "power off";
    case PowerAct::pause:
      return "pause";
    case PowerAct::resume:
      return "resume";
  }
  return "";
}

store::NewJob job_for(PowerAct act, store::Server const& server, int timeout_s) {
  jobs::WantedChange const wanted{server.wanted, wanted_after(act)};
  switch (act) {
    case PowerAct::start:
      return jobs::ServerStart{server.tenant, server.id, server.name, wanted}.job();
    case PowerAct::shutdown:
      return jobs::ServerStop{server.tenant, server.id, server.name, wanted, timeout_s, false}.job();
    case PowerAct::restart:
      return jobs::ServerRestart{server.tenant, server.id, server.name, wanted, timeout_s}.job();
    case PowerAct::power_off:
      return jobs::ServerStop{server.tenant, server.id, server.name, wanted, 0, true}.job();
    case PowerAct::pause:
      return jobs::ServerPause{server.tenant, server.id, server.name, wanted}.job();
    case PowerAct::resume:
      return jobs::ServerResume{server.tenant, server.id, server.name, wanted}.job();
  }
  return {};
}

std::optional<PowerAct> act_of(store::Job const& job) {
  if (job.type == "server.start") return PowerAct::start;
  if (job.type == "server.stop") return jobs::is_by_force(job) ? PowerAct::power_off : PowerAct::shutdown;
  if (job.type == "server.restart") return PowerAct::restart;
  if (job.type == "server.pause") return PowerAct::pause;
  if (job.type == "server.resume") return PowerAct::resume;
  return std::nullopt;
}

Error refused(std::string slug, std::string message) {
  return {ErrorCode::conflict, std::move(slug), std::move(message)};
}

}  // namespace

std::optional<Error> why_not_built(ServerState state) {
  switch (state) {
    case ServerState::creating:
      return refused("server-not-built", "The server is still being made.");
    case ServerState::failed:
      return refused("server-not-built", "The server could not be made; try its job again or delete it.");
    case ServerState::deleting:
      return refused("server-not-built", "The server is being deleted.");
    default:
      return std::nullopt;
  }
}

std::optional<Error> why_not_power(ServerState state, PowerAct act) {
  if (auto error = why_not_built(state)) return error;
  // The truth may lie beyond what was seen last: the engine decides.
  if (state == ServerState::unknown || act == PowerAct::power_off) return std::nullopt;
  bool const down = state == ServerState::stopped || state == ServerState::crashed;
  if (state == ServerState::paused && (act == PowerAct::start || act == PowerAct::shutdown || act == PowerAct::restart))
    return refused("server-paused", "The server is paused; resume it or power it off.");
  if (down && (act == PowerAct::restart || act == PowerAct::pause || act == PowerAct::resume))
    return refused("server-not-running", "The server does not run.");
  return std::nullopt;
}

store::WantedState wanted_after(PowerAct act) {
  switch (act) {
    case PowerAct::start:
    case PowerAct::restart:
    case PowerAct::resume:
      return store::WantedState::running;
    case PowerAct::shutdown:
    case PowerAct::power_off:
      return store::WantedState::stopped;
    case PowerAct::pause:
      return store::WantedState::paused;
  }
  return store::WantedState::stopped;
}

Result<JobId> power(Call& call, Granted<store::Server> const& granted, PowerAct act) {
  return call.write([&](store::Transaction& tx) -> Result<JobId> {
    auto const listing = TRY(tx.servers.listing(granted.id(), store::TenantScope::one(granted->tenant)));
    auto const& server = listing.server;
    auto const job = job_for(act, server, static_cast<int>(call.settings.shutdown_timeout.count()));
    if (auto const active = TRY(tx.jobs.active_for(server.id))) {
      // Pressed twice: the same wish is under way.
      if (jobs::is_same_wish(*active, job)) return active->id;
      return std::unexpected(
          refused("job-under-way", "\"" + active->title + "\" is under way; wait until it is done."));
    }
    if (auto error = why_not_power(server_state(listing), act)) return std::unexpected(*std::move(error));
    TRY(tx.servers.set_wanted(server.id, wanted_after(act)));
    TRY(tx.events.add(events::ServerPowerWished{server.tenant, server.id, server.name, words_of(act)}));
    return tx.jobs.add(job);
  });
}

Result<void> check_power_again(store::Transaction& tx, store::Job const& job) {
  auto const act = act_of(job);
  if (!act || !job.server) return {};
  auto const listing = TRY(tx.servers.listing(*job.server, store::TenantScope::all_tenants_for_staff()));
  if (auto error = why_not_power(server_state(listing), *act)) return std::unexpected(*std::move(error));
  return {};
}

}  // namespace berth::compute
