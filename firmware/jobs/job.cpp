#include "firmware/jobs/job.hpp"

#include <array>

#include "firmware/base/log.hpp"
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

std::vector<std::string_view> step_names(JobType const& type) {
  std::vector<std::string_view> names;
  for (auto const& step : type.steps) names.push_back(step.name);
  return names;
}

std::span<JobType const* const> all_types() {
  static constexpr std::array types{&server_create, &server_start,   &server_stop,   &server_restart, &server_pause,
                                    &server_resume, &server_regroup, &server_delete, &image_import,   &image_remove};
  return types;
}

JobType const* find_type(std::string_view name) {
  for (auto const* type : all_types())
    if (type->name == name) return type;
  return nullptr;
}

}  // namespace berth::jobs
