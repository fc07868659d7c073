#include "firmware/store/job_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

#define BERTH_JOB_COLUMNS                                                                                       \
  "id, type, title, actor, tenant_id, server_id, payload, state, step, attempt, cancel_requested, error_slug, " \
  "error_message, "                                                                                             \
  "deadline_ms, created_ms, started_ms, finished_ms, percent, activity"

Job read(Query& q) {
  Job job;
  job.id = q.id<JobId>();
  job.type = q.text();
  job.title = q.text();
  job.actor = q.text();
  job.tenant = q.optional(&Query::id<TenantId>);
  job.server = q.optional(&Query::id<ServerId>);
  job.payload = q.text();
  job.state = q.choice<JobState>();
  job.step = static_cast<int>(q.integer());
  job.attempt = static_cast<int>(q.integer());
  job.cancel_requested = q.boolean();
  job.error_slug = q.text();
  job.error_message = q.text();
  job.deadline = q.optional(&Query::moment);
  job.created_at = q.moment();
  job.started_at = q.optional(&Query::moment);
  job.finished_at = q.optional(&Query::moment);
  job.percent = static_cast<int>(q.integer());
  job.activity = q.text();
  return job;
}

Result<void> load_steps(TransactionScope& scope, Job& job) {
  Query q(scope, "SELECT name, state, started_ms, finished_ms FROM job_steps WHERE job_id = ? ORDER BY position");
  q << job.id;
  while (TRY(q.step())) {
    JobStep step;
    step.name = q.text();
    step.state = q.choice<StepState>();
    step.started_at = q.optional(&Query::moment);
    step.finished_at = q.optional(&Query::moment);
    job.steps.push_back(std::move(step));
  }
  return {};
}

Result<void> insert_steps(TransactionScope& scope, JobId const& id, std::vector<std::string_view> const& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Query q(scope, "INSERT INTO job_steps (job_id, position, name, state) VALUES (?, ?, ?, 'pending')");
    q << id << i << steps[i];
    TRY(q.run());
  }
  return {};
}

constexpr char under_way[] = "Something is under way with that server already; wait until it is done.";

}  // namespace

bool is_active(JobState state) {
  return state == JobState::queued || state == JobState::running || state == JobState::undoing;
}

Result<Job> JobStore::get(JobId const& id, TenantScope const& tenants) const {
  Query q(*scope_, "SELECT " BERTH_JOB_COLUMNS
                   " FROM jobs WHERE id = ?1 AND (?2 OR tenant_id IN (SELECT value FROM json_each(?3)))");
  q << id << tenants.all() << tenants.json();
  if (!TRY(q.step())) return no_such("job");
  auto job = read(q);
  TRY(load_steps(*scope_, job));
  return job;
}

Result<Page<Job>> JobStore::page(TenantScope const& tenants, JobFilter const& filter, PageWish const& wish) const {
  // One text for each filter, so that each has the plan of its own index.
  auto const sql =
      filter.server ? "SELECT " BERTH_JOB_COLUMNS
                      " FROM jobs WHERE (?1 = '' OR id < ?1) AND (?2 OR tenant_id IN (SELECT value FROM json_each(?3)))"
                      " AND (?5 IS NULL OR state = ?5) AND server_id = ?6 ORDER BY id DESC LIMIT ?4"
                    : "SELECT " BERTH_JOB_COLUMNS
                      " FROM jobs WHERE (?1 = '' OR id < ?1) AND (?2 OR tenant_id IN (SELECT value FROM json_each(?3)))"
                      " AND (?5 IS NULL OR state = ?5) ORDER BY id DESC LIMIT ?4";
  Page<Job> page;
  {
    Query q(*scope_, sql);
    q << wish.after << tenants.all() << tenants.json() << wish.limit + 1 << filter.state;
    if (filter.server) q << *filter.server;
    while (TRY(q.step())) {
      if (page.items.size() == wish.limit) {
        page.next_cursor = page.items.back().id.str();
        break;
      }
      page.items.push_back(read(q));
    }
  }
  for (auto& job : page.items) TRY(load_steps(*scope_, job));
  return page;
}

Result<std::optional<Job>> JobStore::active_for(ServerId const& server) const {
  Query q(*scope_,
          "SELECT " BERTH_JOB_COLUMNS " FROM jobs WHERE server_id = ? AND state IN ('queued', 'running', 'undoing')");
  q << server;
  if (!TRY(q.step())) return std::nullopt;
  auto job = read(q);
  TRY(load_steps(*scope_, job));
  return job;
}

Result<std::vector<Job>> JobStore::active_of(std::string_view prefix) const {
  Query q(*scope_,
          "SELECT " BERTH_JOB_COLUMNS
          " FROM jobs WHERE state IN ('queued', 'running', 'undoing') AND substr(type, 1, length(?1) + 1) = ?1 "
          "|| '.' ORDER BY id");
  q << prefix;
  std::vector<Job> jobs;
  while (TRY(q.step())) jobs.push_back(read(q));
  for (auto& job : jobs) TRY(load_steps(*scope_, job));
  return jobs;
}

Result<std::vector<JobLogLine>> JobStore::log(JobId const& id, std::int64_t after, std::size_t limit) const {
  Query q(*scope_, "SELECT seq, at_ms, text FROM job_log WHERE job_id = ? AND seq > ? ORDER BY seq LIMIT ?");
  q << id << after << limit;
  std::vector<JobLogLine> lines;
  while (TRY(q.step())) {
    JobLogLine line;
    line.seq = q.integer();
    line.at = q.moment();
    line.text = q.text();
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<JobId>> JobStore::unfinished() const {
  // Those that were under way first, then in the order they were asked for.
  Query q(*scope_, "SELECT id FROM jobs WHERE state IN ('queued', 'running', 'undoing') ORDER BY state = 'queued', id");
  std::vector<JobId> ids;
  while (TRY(q.step())) ids.push_back(q.id<JobId>());
  return ids;
}

Result<bool> JobStore::cancel_requested(JobId const& id) const {
  Query q(*scope_, "SELECT cancel_requested FROM jobs WHERE id = ?");
  q << id;
  return TRY(q.step()) && q.boolean();
}

Result<JobId> JobStore::add(NewJob const& job) {
  auto id = JobId::fresh();
  Query q(*scope_,
          "INSERT INTO jobs (id, node_id, type, title, actor, tenant_id, server_id, payload, state, created_ms) "
          "VALUES (?, (SELECT id FROM nodes ORDER BY id LIMIT 1), ?, ?, ?, ?, ?, ?, 'queued', ?)");
  q << id << job.type << job.title << scope_->author.actor << job.tenant << job.server << job.payload
    << scope_->author.now;
  if (auto done = q.run(); !done)
    return std::unexpected(named_conflict(std::move(done).error(), "job-under-way", under_way));
  TRY(insert_steps(*scope_, id, job.steps));
  scope_->committed.jobs.push_back(id);
  return id;
}

Result<void> JobStore::begin(JobId const& id, Moment deadline) {
  Query q(*scope_, "UPDATE jobs SET state = 'running', step = 0, started_ms = ?, deadline_ms = ? WHERE id = ?");
  q << scope_->author.now << deadline << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::enter_step(JobId const& id, int step) {
  {
    Query q(*scope_, "UPDATE jobs SET step = ?, percent = 0, activity = '' WHERE id = ?");
    q << step << id;
    TRY(q.run());
  }
  Query q(
      *scope_,
      "UPDATE job_steps SET state = 'running', started_ms = coalesce(started_ms, ?) WHERE job_id = ? AND position = ?");
  q << scope_->author.now << id << step;
  TRY(q.run());
  return {};
}

Result<void> JobStore::finish_step(JobId const& id, int step, StepState state) {
  Query q(*scope_,
          "UPDATE job_steps SET state = ?, finished_ms = ? WHERE job_id = ? AND position = ? AND state <> 'failed'");
  q << state << scope_->author.now << id << step;
  TRY(q.run());
  return {};
}

Result<void> JobStore::set_undoing(JobId const& id, std::string_view error_slug, std::string_view error_message) {
  Query q(*scope_, "UPDATE jobs SET state = 'undoing', error_slug = ?, error_message = ? WHERE id = ?");
  q << error_slug << error_message << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::enter_undo(JobId const& id, int step) {
  Query q(*scope_, "UPDATE jobs SET step = ? WHERE id = ?");
  q << step << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::finish(JobId const& id, JobState state, std::string_view error_slug,
                              std::string_view error_message) {
  {
    Query q(*scope_,
            "UPDATE jobs SET state = ?, error_slug = ?, error_message = ?, finished_ms = ?, percent = 0, activity = '' "
            "WHERE id = ?");
    q << state << error_slug << error_message << scope_->author.now << id;
    TRY(q.run());
  }
  Query q(*scope_, "UPDATE job_steps SET state = 'skipped' WHERE job_id = ? AND state IN ('pending', 'running')");
  q << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::add_log(JobId const& id, std::string_view text) {
  Query q(*scope_,
          "INSERT INTO job_log (job_id, seq, at_ms, text) "
          "SELECT ?1, coalesce((SELECT max(seq) FROM job_log WHERE job_id = ?1), 0) + 1, ?2, ?3");
  q << id << scope_->author.now << text;
  TRY(q.run());
  return {};
}

Result<void> JobStore::set_progress(JobId const& id, int percent, std::string_view activity) {
  Query q(*scope_, "UPDATE jobs SET percent = ?, activity = ? WHERE id = ?");
  q << percent << activity << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::set_payload(JobId const& id, std::string_view payload) {
  Query q(*scope_, "UPDATE jobs SET payload = ? WHERE id = ?");
  q << payload << id;
  TRY(q.run());
  return {};
}

Result<void> JobStore::request_cancel(JobId const& id) {
  Query q(*scope_, "UPDATE jobs SET cancel_requested = 1 WHERE id = ?");
  q << id;
  TRY(q.run());
  scope_->committed.cancellations = true;
  return {};
}

Result<void> JobStore::requeue(JobId const& id, std::vector<std::string_view> const& steps) {
  Query q(*scope_,
          "UPDATE jobs SET state = 'queued', step = 0, attempt = attempt + 1, cancel_requested = 0, error_slug = '', "
          "error_message = '', deadline_ms = NULL, started_ms = NULL, finished_ms = NULL "
          "WHERE id = ? AND state IN ('failed', 'undone', 'cancelled')");
  q << id;
  auto changed = q.run();
  if (!changed) return std::unexpected(named_conflict(std::move(changed).error(), "job-under-way", under_way));
  if (*changed == 0)
    return fail(ErrorCode::conflict, "job-not-retryable",
                "Only a job that failed, was undone or was cancelled can be tried again.");
  Query gone(*scope_, "DELETE FROM job_steps WHERE job_id = ?");
  gone << id;
  TRY(gone.run());
  TRY(insert_steps(*scope_, id, steps));
  scope_->committed.jobs.push_back(id);
  return {};
}

Result<std::int64_t> JobStore::remove_finished(Moment before, std::int64_t limit) {
  Query q(*scope_,
          "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_ms < ? ORDER BY finished_ms LIMIT ?)");
  q << before << limit;
  return q.run();
}

}  // namespace berth::store
