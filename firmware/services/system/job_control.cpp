#include "firmware/services/system/job_control.hpp"

#include "firmware/events/event.hpp"
#include "firmware/jobs/job.hpp"
#include "firmware/services/compute/server_power.hpp"
#include "firmware/services/network/address_allocation.hpp"
#include "firmware/services/paging.hpp"

namespace berth::services {
namespace {

using store::JobState;

constexpr std::size_t log_lines_max = 1000;

bool can_cancel(store::Job const& job) {
  if (job.cancel_requested) return false;
  if (job.state == JobState::queued) return true;
  auto const* type = jobs::find_type(job.type);
  return job.state == JobState::running && type != nullptr && type->cancellable;
}

bool can_retry(store::Job const& job) {
  bool const ended_badly =
      job.state == JobState::failed || job.state == JobState::undone || job.state == JobState::cancelled;
  return ended_badly && jobs::find_type(job.type) != nullptr;
}

// As whoever was granted the job saw it: its own tenant, or a job of the installation.
store::TenantScope scope_of(store::Job const& job) {
  return job.tenant ? store::TenantScope::one(*job.tenant) : store::TenantScope::all_tenants_for_staff();
}

}  // namespace

JobView view_of(store::Job job) {
  JobView view;
  std::size_t done = 0;
  for (auto const& step : job.steps)
    if (step.state == store::StepState::done || step.state == store::StepState::skipped) ++done;
  if (job.state == JobState::succeeded)
    view.progress = 100;
  else if (!job.steps.empty())
    view.progress = static_cast<int>((done * 100 + static_cast<std::size_t>(job.percent)) / job.steps.size());
  view.can_cancel = can_cancel(job);
  view.can_retry = can_retry(job);
  view.job = std::move(job);
  return view;
}

Result<store::Page<JobView>> list_jobs(Call& call, Granted<access::Reach> const& reach, store::JobFilter const& filter,
                                       store::PageWish const& page) {
  TRY(check_page<JobId>(page));
  auto jobs = TRY(call.read([&](store::Snapshot& s) { return s.jobs.page(reach->tenants, filter, page); }));
  store::Page<JobView> views;
  for (auto& job : jobs.items) views.items.push_back(view_of(std::move(job)));
  views.next_cursor = std::move(jobs.next_cursor);
  return views;
}

Result<std::vector<store::JobLogLine>> job_log(Call& call, Granted<store::Job> const& job, std::int64_t after) {
  return call.read([&](store::Snapshot& s) { return s.jobs.log(job.id(), after, log_lines_max); });
}

Result<void> cancel_job(Call& call, Granted<store::Job> const& granted) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto const job = TRY(tx.jobs.get(granted.id(), scope_of(*granted)));
    if (job.cancel_requested && store::is_active(job.state)) return {};
    if (!can_cancel(job)) return fail(ErrorCode::conflict, "job-not-cancellable", "That job cannot be called off now.");
    TRY(tx.jobs.request_cancel(job.id));
    return tx.events.add(events::JobCancelWished{job});
  });
}

Result<void> retry_job(Call& call, Granted<store::Job> const& granted) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto const job = TRY(tx.jobs.get(granted.id(), scope_of(*granted)));
    auto const refused = fail(ErrorCode::conflict, "job-not-retryable", "That job cannot be tried again.");
    if (!can_retry(job)) return refused;
    auto const* type = jobs::find_type(job.type);
    if (job.server) {
      auto const server = tx.servers.get(*job.server, store::TenantScope::all_tenants_for_staff());
      if (!server) return server.error().code == ErrorCode::not_found ? refused : std::unexpected(server.error());
      if (server->wanted == store::WantedState::deleted && type->name != "server.delete") return refused;
      // A creation that was undone has given its address back.
      if (type->name == "server.create") TRY(network::allocate_address(tx, server->node, server->id));
    }
    TRY(compute::check_power_again(tx, job));
    if (type->retried != nullptr) TRY(type->retried(tx, job));
    TRY(tx.jobs.requeue(job.id, jobs::step_names(*type)));
    return tx.events.add(events::JobRetried{job});
  });
}

}  // namespace berth::services
