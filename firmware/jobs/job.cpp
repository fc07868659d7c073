#include "firmware/jobs/job.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "firmware/base/log.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {

void StepRun::say(std::string_view line) {
  auto const written = store.write(
      store::Author{job.actor, now()}, [&](store::Transaction& tx) { return tx.jobs.add_log(job.id, line); },
      store::Durability::process);
  // A line that is lost must not fail the step that it tells about.
  if (!written)
    log(LogLevel::warning, "jobs", "a log line was lost",
        {{"job", job.id.str()}, {"reason", describe(written.error())}});
}

void StepRun::progress(std::int64_t percent, std::string_view activity) {
  constexpr int told_every_percent = 4;
  int const now = static_cast<int>(std::clamp<std::int64_t>(percent, 0, 100));
  if (activity == told_activity_ && now < told_percent_ + told_every_percent && now != 100) return;
  if (activity == told_activity_ && now == told_percent_) return;
  told_percent_ = now;
  told_activity_ = activity;
  auto const written = store.write(
      store::Author{job.actor, this->now()},
      [&](store::Transaction& tx) -> Result<void> {
        TRY(tx.jobs.set_progress(job.id, now, activity));
        return tx.events.add(events::JobProgressed{job, now, told_activity_});
      },
      store::Durability::process);
  if (!written)
    log(LogLevel::warning, "jobs", "progress could not be told",
        {{"job", job.id.str()}, {"reason", describe(written.error())}});
}

Result<void> StepRun::wait(std::chrono::milliseconds how_long, bool until_cancelled) const {
  constexpr std::chrono::milliseconds look_every{100};
  auto const stop = fail(ErrorCode::cancelled, "cancelled", "Cancelled by a person.");
  for (auto left = how_long; left.count() > 0; left -= look_every) {
    if (stopping_()) return stop;
    std::this_thread::sleep_for(std::min(left, look_every));
  }
  if (until_cancelled && TRY(store.read([&](store::Snapshot& s) { return s.jobs.cancel_requested(job.id); })))
    return stop;
  if (stopping_()) return stop;
  return {};
}

std::vector<std::string_view> step_names(JobType const& type) {
  std::vector<std::string_view> names;
  for (auto const& step : type.steps) names.push_back(step.name);
  return names;
}

std::span<JobType const* const> all_types() {
  static constexpr std::array types{&server_create,
                                    &server_start,
                                    &server_stop,
                                    &server_restart,
                                    &server_pause,
                                    &server_resume,
                                    &server_regroup,
                                    &server_delete,
                                    &image_import,
                                    &image_remove,
                                    &machine_set_hostname,
                                    &machine_set_time,
                                    &machine_try_network,
                                    &machine_confirm_network,
                                    &machine_revert_network,
                                    &machine_set_ssh,
                                    &machine_install_update,
                                    &machine_check_updates,
                                    &machine_choose_slot,
                                    &machine_restart,
                                    &machine_power_off,
                                    &machine_factory_reset,
                                    &machine_support_bundle,
                                    &machine_renew_certificate};
  return types;
}

JobType const* find_type(std::string_view name) {
  for (auto const* type : all_types())
    if (type->name == name) return type;
  return nullptr;
}

}  // namespace berth::jobs
