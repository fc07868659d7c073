#include <algorithm>

#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/server_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

// After a restart of the machine, or when somebody removed them, the network's part and the definition are made again.
// A guest that is up has both.
Result<void> prepare_guest(StepRun& run) {
  auto const id = guest_id(server_of(run));
  auto const state = TRY(run.engine.guest(id)).state;
  if (state != contract::GuestState::absent && state != contract::GuestState::stopped &&
      state != contract::GuestState::crashed)
    return {};
  auto const facts = TRY(run.store.read([&](store::Snapshot& s) { return server_facts(s, server_of(run)); }));
  TRY(run.engine.ensure_network(TRY(network_spec(facts.pool))));
  TRY(run.engine.connect_network(id, TRY(nic_spec(facts))));
  return run.engine.define_guest(TRY(guest_spec(facts)));
}

Result<contract::StopGuest> stop_wish(StepRun& run) {
  auto const payload = TRY(payload_of<ServerPayload>(run.job));
  contract::StopGuest wish;
  wish.guest = guest_id(server_of(run));
  wish.timeout_s.value = std::clamp<std::int64_t>(payload.timeout_s, 0, decltype(wish.timeout_s)::max);
  wish.force = payload.force;
  return wish;
}

Result<void> stop_guest(StepRun& run) {
  auto const wish = TRY(stop_wish(run));
  auto const stopped = run.engine.stop_guest(wish);
  if (stopped) return {};
  auto error = stopped.error();
  // The guest took its time and did not stop: that is an answer. Asking again would only take as long again.
  if (error.code == ErrorCode::timed_out && !wish.force)
    error = Error{ErrorCode::conflict,
                  "guest-did-not-stop",
                  "The guest did not shut down in time; power it off to stop it.",
                  {},
                  describe(error)};
  return std::unexpected(std::move(error));
}

// In order when the guest listens, by force when it does not: it comes back either way.
Result<void> bring_down(StepRun& run) {
  auto wish = TRY(stop_wish(run));
  wish.force = true;
  TRY(run.engine.stop_guest(wish));
  return {};
}

Result<void> pause_guest(StepRun& run) {
  TRY(run.engine.pause_guest(guest_id(server_of(run))));
  return {};
}

Result<void> resume_guest(StepRun& run) {
  TRY(run.engine.resume_guest(guest_id(server_of(run))));
  return {};
}

constexpr std::string_view record = "record what the engine says";
constexpr Step start_steps[] = {
    {"make the guest ready", prepare_guest}, {"start the guest", start_guest}, {record, record_state}};
constexpr Step stop_steps[] = {{"stop the guest", stop_guest}, {record, record_state}};
constexpr Step restart_steps[] = {
    {"stop the guest", bring_down}, {"start the guest", start_guest}, {record, record_state}};
constexpr Step pause_steps[] = {{"pause the guest", pause_guest}, {record, record_state}};
constexpr Step resume_steps[] = {{"resume the guest", resume_guest}, {record, record_state}};
constexpr auto deadline = std::chrono::minutes(10);

}  // namespace

constexpr JobType server_start{.name = "server.start",
                               .steps = start_steps,
                               .deadline = deadline,
                               .failed = take_back_wish,
                               .retried = wish_again};
// Its own time-out may be an hour (contract::StopGuest).
constexpr JobType server_stop{.name = "server.stop",
                              .steps = stop_steps,
                              .deadline = std::chrono::hours(2),
                              .failed = take_back_wish,
                              .retried = wish_again};
constexpr JobType server_restart{.name = "server.restart",
                                 .steps = restart_steps,
                                 .deadline = std::chrono::hours(2),
                                 .failed = take_back_wish,
                                 .retried = wish_again};
constexpr JobType server_pause{.name = "server.pause",
                               .steps = pause_steps,
                               .deadline = deadline,
                               .failed = take_back_wish,
                               .retried = wish_again};
constexpr JobType server_resume{.name = "server.resume",
                                .steps = resume_steps,
                                .deadline = deadline,
                                .failed = take_back_wish,
                                .retried = wish_again};

}  // namespace berth::jobs
