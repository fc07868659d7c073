#include "firmware/api/job_handlers.hpp"
#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> job_routes() {
  static constexpr Route rows[]{
      {Method::get, "/jobs", needs(Permission::job_view), handled_by<&list_jobs>, "Jobs, newest first."},
      {Method::get, "/jobs/{job}", needs(Permission::job_view), handled_by<&show_job>, "One job with its steps."},
      {Method::get, "/jobs/{job}/log", needs(Permission::job_view), handled_by<&show_job_log>,
       "What the job told, from after a line."},
      {Method::post, "/jobs/{job}/cancel", needs(Permission::job_control), handled_by<&cancel_job>,
       "Stop a job between two steps and undo what it did."},
      {Method::post, "/jobs/{job}/retry", needs(Permission::job_control), handled_by<&retry_job>,
       "Begin a job that ended badly again from its first step."},
  };
  return rows;
}

}  // namespace berth::api
