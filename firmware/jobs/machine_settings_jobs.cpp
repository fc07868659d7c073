// What an operator sets of the machine. The engine takes each of these as often as it is said.
#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/machine_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<void> name_machine(StepRun& run) {
  return run.machine.set_hostname(TRY(payload_of<HostnamePayload>(run.job)).hostname);
}

// The zone and the servers may be set twice. The clock must not: minutes later it would be set back by them. Whether it was
// set before the panel died or the engine went away nobody knows, and so the job says.
Result<void> set_clock(StepRun& run) {
  auto payload = TRY(payload_of<TimePayload>(run.job));
  bool const unsure = payload.clock_set;
  if (unsure) {
    payload.settings.unix_seconds.reset();
  } else if (payload.settings.unix_seconds) {
    auto noted = payload;
    noted.clock_set = true;
    TRY(run.remember(noted));
  }
  TRY(run.machine.set_time(payload.settings));
  if (!unsure) return {};
  return fail(
      ErrorCode::conflict, "clock-unsure",
      "The work was interrupted while the clock was set. The time zone is set; look whether the clock is right.");
}

Result<void> try_settings(StepRun& run) {
  return run.machine.try_network(TRY(payload_of<contract::TryNetwork>(run.job)));
}
Result<void> keep_settings(StepRun& run) {
  return run.machine.confirm_network();
}
Result<void> take_settings_back(StepRun& run) {
  return run.machine.revert_network();
}

Result<void> set_ssh(StepRun& run) {
  return run.machine.set_ssh(TRY(payload_of<contract::SshSettings>(run.job)));
}

Result<void> choose_slot(StepRun& run) {
  return run.machine.choose_slot(TRY(payload_of<SlotPayload>(run.job)).slot);
}

constexpr Step record{record_machine_name, record_machine_state};
constexpr Step hostname_steps[] = {{"name the machine", name_machine}, record};
constexpr Step time_steps[] = {{"set the clock", set_clock}, record};
constexpr Step try_steps[] = {{"put the settings in force", try_settings}, record};
constexpr Step confirm_steps[] = {{"keep the settings", keep_settings}, record};
constexpr Step revert_steps[] = {{"take the settings back", take_settings_back}, record};
constexpr Step ssh_steps[] = {{"set keys and access", set_ssh}, record};
constexpr Step slot_steps[] = {{"choose the slot", choose_slot}, record};
constexpr auto deadline = std::chrono::minutes(10);
// A trial that nobody remembers wishing for must not begin.
constexpr auto trial_deadline = std::chrono::minutes(1);

}  // namespace

constexpr JobType machine_set_hostname{.name = "machine.set-hostname", .steps = hostname_steps, .deadline = deadline};
constexpr JobType machine_set_time{.name = "machine.set-time", .steps = time_steps, .deadline = deadline};
// Unless they are confirmed the engine takes the settings back by itself: there is nothing to undo.
constexpr JobType machine_try_network{.name = "machine.try-network", .steps = try_steps, .deadline = trial_deadline};
constexpr JobType machine_confirm_network{
    .name = "machine.confirm-network", .steps = confirm_steps, .deadline = trial_deadline};
constexpr JobType machine_revert_network{.name = "machine.revert-network", .steps = revert_steps, .deadline = deadline};
constexpr JobType machine_set_ssh{.name = "machine.set-ssh", .steps = ssh_steps, .deadline = deadline};
constexpr JobType machine_choose_slot{.name = "machine.choose-slot", .steps = slot_steps, .deadline = deadline};

}  // namespace berth::jobs
