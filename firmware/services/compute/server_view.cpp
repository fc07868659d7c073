#include "firmware/services/compute/server_view.hpp"

namespace berth::compute {
namespace {

using store::ObservedState;

ServerState seen(ObservedState state) {
  switch (state) {
    case ObservedState::unknown:
      return ServerState::unknown;
    case ObservedState::absent:
      return ServerState::stopped;  // its definition is gone; the drift says so, starting makes it again
    case ObservedState::stopped:
      return ServerState::stopped;
    case ObservedState::starting:
      return ServerState::starting;
    case ObservedState::running:
      return ServerState::running;
    case ObservedState::paused:
      return ServerState::paused;
    case ObservedState::stopping:
      return ServerState::stopping;
    case ObservedState::crashed:
      return ServerState::crashed;
  }
  return ServerState::unknown;
}

}  // namespace

ServerState server_state(store::ServerListing const& listing) {
  auto const& server = listing.server;
  auto const& job = listing.active_job_type;
  if (server.wanted == store::WantedState::deleted || job == "server.delete") return ServerState::deleting;
  if (server.build == store::BuildState::failed && job.empty()) return ServerState::failed;
  if (server.build != store::BuildState::built) return ServerState::creating;
  auto const state = seen(listing.observation.state);
  bool const up = state == ServerState::running || state == ServerState::paused;
  if (job == "server.start" && !up) return ServerState::starting;
  if (job == "server.stop" && up) return ServerState::stopping;
  if (job == "server.restart") return up ? ServerState::stopping : ServerState::starting;
  return state;
}

ServerView view_of(store::ServerListing listing) {
  ServerView view;
  view.state = server_state(listing);
  auto& seen = listing.observation;
  auto const& reason = view.state == ServerState::failed ? listing.server.build_reason : seen.reason;
  if (!reason.empty()) view.state_reason = reason;
  view.observed_at = seen.observed_at;
  if (seen.observed_at) view.usage = seen.usage;
  if (!seen.drift.empty()) view.drift = std::move(seen.drift);
  if (!listing.address.empty()) view.address = std::move(listing.address);
  if (auto job = JobId::parse(listing.active_job)) view.job = *std::move(job);
  view.image_title = std::move(listing.image_title);
  view.plan_name = std::move(listing.plan_name);
  view.server = std::move(listing.server);
  return view;
}

}  // namespace berth::compute
