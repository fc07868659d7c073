// What ends the machine's uptime. None of it can be taken back, and none of it may happen twice for one wish: which start of
// the machine it was asked in is journalled first, and in a later one it has happened.
#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<void> note_boot(StepRun& run) {
  auto payload = TRY(payload_of<PowerPayload>(run.job));
  if (!payload.boot_id.empty()) return {};
  payload.boot_id = TRY(run.engine.host()).boot_id;
  return run.remember(payload);
}

// run.job is as it was when this attempt began: the payload is read anew.
Result<PowerPayload> noted(StepRun& run) {
  auto const job = TRY(run.store.read(
      [&](store::Snapshot& s) { return s.jobs.get(run.job.id, store::TenantScope::all_tenants_for_staff()); }));
  return payload_of<PowerPayload>(job);
}

Result<bool> has_happened(StepRun& run) {
  return TRY(run.engine.host()).boot_id != TRY(noted(run)).boot_id;
}

Result<void> restart(StepRun& run) {
  if (TRY(has_happened(run))) return {};
  return run.machine.power(contract::PowerAct::restart);
}

Result<void> power_off(StepRun& run) {
  if (TRY(has_happened(run))) return {};
  return run.machine.power(contract::PowerAct::power_off);
}

Result<void> reset(StepRun& run) {
  if (TRY(has_happened(run))) return {};
  auto const payload = TRY(noted(run));
  if (!payload.reset) return fail(ErrorCode::internal, "no-scope", "The job does not say what to reset.");
  return run.machine.factory_reset(*payload.reset);
}

// A person who tries again means the machine as it runs now.
Result<void> asked_again(store::Transaction& tx, store::Job const& job) {
  auto payload = TRY(payload_of<PowerPayload>(job));
  payload.boot_id.clear();
  return tx.jobs.set_payload(job.id, write_json(payload));
}

constexpr Step note{"note this start of the machine", note_boot};
constexpr Step restart_steps[] = {note, {"restart the machine", restart}};
constexpr Step off_steps[] = {note, {"switch the machine off", power_off}};
constexpr Step reset_steps[] = {note, {"reset the machine", reset}};
constexpr auto deadline = std::chrono::minutes(5);

constexpr JobType ending_uptime(std::string_view name, std::span<Step const> steps) {
  return {.name = name, .steps = steps, .deadline = deadline, .retried = asked_again};
}

}  // namespace

constexpr JobType machine_restart = ending_uptime("machine.restart", restart_steps);
constexpr JobType machine_power_off = ending_uptime("machine.power-off", off_steps);
constexpr JobType machine_factory_reset = ending_uptime("machine.factory-reset", reset_steps);

}  // namespace berth::jobs
