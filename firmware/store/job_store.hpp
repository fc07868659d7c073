// Jobs, their steps' journal and their log lines.
#pragma once

#include <boost/describe.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/tenant_scope.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

// failed: it stopped and what it did stands (or undoing failed). undone: it failed and left nothing behind.
// cancelled: as undone, because somebody asked.
enum class JobState { queued, running, succeeded, failed, undoing, undone, cancelled };
BOOST_DESCRIBE_ENUM(JobState, queued, running, succeeded, failed, undoing, undone, cancelled)

enum class StepState { pending, running, done, failed, undone, skipped };
BOOST_DESCRIBE_ENUM(StepState, pending, running, done, failed, undone, skipped)

// Queued, running and undoing: the states in which a job holds its server.
bool is_active(JobState state);

struct JobStep {
  std::string name;
  StepState state = StepState::pending;
  std::optional<Moment> started_at;
  std::optional<Moment> finished_at;
};

struct Job {
  JobId id;
  std::string type;                // "server.create"
  std::string title;               // "Create web-1"
  std::string actor;               // who asked
  std::optional<TenantId> tenant;  // absent: staff only
  std::optional<ServerId> server;
  std::string payload;   // JSON, read by the job's own type
  int percent = 0;       // of the step under way, where it can tell
  std::string activity;  // what that step is doing; "" when it does not say
  JobState state = JobState::queued;
  int step = 0;     // journalled: where it is or was last
  int attempt = 1;  // grows with every retry by a person
  bool cancel_requested = false;
  std::string error_slug;  // "" when nothing failed
  std::string error_message;
  std::optional<Moment> deadline;
  Moment created_at;
  std::optional<Moment> started_at;
  std::optional<Moment> finished_at;
  std::vector<JobStep> steps;
};

struct NewJob {
  std::string_view type;
  std::string title;
  std::optional<TenantId> tenant;
  std::optional<ServerId> server;
  std::string payload = "{}";
  std::vector<std::string_view> steps;
};

// A wish that knows its job: `jobs::ServerCreate{...}.job()`.
template <class W>
concept JobWish = requires(W const& wish) {
  { wish.job() } -> std::same_as<NewJob>;
};

struct JobLogLine {
  std::int64_t seq = 0;  // from 1, within the job
  Moment at;
  std::string text;
};

struct JobFilter {
  std::optional<JobState> state = std::nullopt;
  std::optional<ServerId> server = std::nullopt;
};

class JobStore {
 public:
  explicit JobStore(TransactionScope& scope) : scope_(&scope) {}

  // With steps. Errors: not_found.
  Result<Job> get(JobId const& id, TenantScope const& tenants) const;
  // Newest first, with steps.
  Result<Page<Job>> page(TenantScope const& tenants, JobFilter const& filter, PageWish const& wish) const;
  Result<std::optional<Job>> active_for(ServerId const& server) const;
  // Those under way whose type begins with "PREFIX.", with steps, oldest first.
  Result<std::vector<Job>> active_of(std::string_view prefix) const;
  // At most `limit` lines with seq > after.
  Result<std::vector<JobLogLine>> log(JobId const& id, std::int64_t after, std::size_t limit) const;
  Result<std::vector<JobId>> unfinished() const;
  Result<bool> cancel_requested(JobId const& id) const;

  // Errors: conflict ("job-under-way") when the server has an active job.
  template <JobWish W>
  Result<JobId> enqueue(W const& wish) {
    return add(wish.job());
  }
  Result<JobId> add(NewJob const& job);

  // The journal. Each is one or two statements of the caller's transaction.
  Result<void> begin(JobId const& id, Moment deadline);
  Result<void> enter_step(JobId const& id, int step);
  // A step that failed stays failed when what it left behind is undone: it is the reason for all of that.
  Result<void> finish_step(JobId const& id, int step, StepState state);
  Result<void> set_undoing(JobId const& id, std::string_view error_slug, std::string_view error_message);
  Result<void> enter_undo(JobId const& id, int step);
  Result<void> finish(JobId const& id, JobState state, std::string_view error_slug, std::string_view error_message);
  Result<void> add_log(JobId const& id, std::string_view text);

  // Of the step under way.
  Result<void> set_progress(JobId const& id, int percent, std::string_view activity);
  Result<void> set_payload(JobId const& id, std::string_view payload);
  Result<void> request_cancel(JobId const& id);
  // Back to queued with all steps pending and attempt + 1. Errors: conflict (not finished, succeeded, or the server has
  // another job).
  Result<void> requeue(JobId const& id, std::vector<std::string_view> const& steps);
  // Finished jobs older than `before`, at most `limit`; returns how many went.
  Result<std::int64_t> remove_finished(Moment before, std::int64_t limit);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
