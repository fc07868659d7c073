#include "firmware/jobs/execution.hpp"

#include <unistd.h>

#include <format>

#include "firmware/base/log.hpp"
#include "firmware/events/event.hpp"

namespace berth::jobs {
namespace {

using store::Durability;
using store::JobState;
using store::StepState;
using store::Transaction;

constexpr std::string_view cancelled_slug = "cancelled";

// What the server's owner may read of an error. The machine's own words, paths and what programs printed, are in the
// journal beside the job's id.
std::string tellable(store::Job const& job, Error const& error) {
  if (error.code != ErrorCode::io && error.code != ErrorCode::internal) return error.message;
  return std::format("Something went wrong inside; the machine's journal says what, under {}.", job.id.str());
}

// The last step at or before `step` that has something to take back; -1: none.
int next_undo(JobType const& type, int step) {
  while (step >= 0 && type.steps[static_cast<std::size_t>(step)].undo == nullptr) --step;
  return step;
}

}  // namespace

Result<Execution::Outcome> Execution::advance(JobId const& id, std::string_view wait_text) {
  auto job =
      TRY(store_.read([&](store::Snapshot& s) { return s.jobs.get(id, store::TenantScope::all_tenants_for_staff()); }));
  if (!store::is_active(job.state)) return Outcome::finished;
  auto const* type = find_type(job.type);
  if (type == nullptr || job.step >= static_cast<int>(type->steps.size())) {
    static constexpr JobType unknown{.name = "unknown", .steps = {}, .deadline = {}};
    job.error_slug = "job-type-unknown";
    job.error_message = "This release does not know such jobs.";
    TRY(finish(unknown, job, JobState::failed));
    return Outcome::finished;
  }
  if (job.state == JobState::queued) {
    if (job.cancel_requested) {
      job.error_slug = cancelled_slug;
      job.error_message = "Cancelled before it began.";
      TRY(finish(*type, job, JobState::cancelled));
      return Outcome::finished;
    }
    TRY(begin(*type, job));
  }
  return job.state == JobState::undoing ? undo(*type, job, wait_text) : act(*type, job, wait_text);
}

Result<void> Execution::begin(JobType const& type, store::Job& job) {
  job.state = JobState::running;
  job.step = 0;
  job.deadline = clock_.now() + type.deadline;
  // Lost in a power cut, the job is queued again and begins anew: nothing durable is needed.
  return journal(job, Durability::process, [&](Transaction& tx) -> Result<void> {
    TRY(tx.jobs.begin(job.id, *job.deadline));
    TRY(tx.jobs.enter_step(job.id, 0));
    TRY(tx.jobs.add_log(job.id, std::format("Attempt {}: {}", job.attempt, type.steps[0].name)));
    return tx.events.add(events::JobStepped{job, 0});
  });
}

Result<Execution::Outcome> Execution::act(JobType const& type, store::Job& job, std::string_view wait_text) {
  while (job.state == JobState::running) {
    if (stopping_()) return Outcome::halted;
    auto const& step = type.steps[static_cast<std::size_t>(job.step)];
    // A cancellation that came while the job waited for its next try.
    if (type.cancellable && TRY(store_.read([&](store::Snapshot& s) { return s.jobs.cancel_requested(job.id); })))
      return failed(type, job, Error{ErrorCode::cancelled, std::string(cancelled_slug), "Cancelled by a person."},
                    wait_text);
    crash_point(type, job.step, "before");
    StepRun run(store_, outside_, job, clock_, stopping_);
    Result<void> done;
    if (faults_.fail_at == std::format("{}:{}", type.name, job.step + 1))
      done = fail(ErrorCode::internal, "fault-injected", "A test made this step fail.");
    else
      done = step.act(run);
    // What it was in the middle of goes on at the next start.
    if (!done && stopping_()) return Outcome::halted;
    if (!done) return failed(type, job, done.error(), wait_text);
    crash_point(type, job.step, "after");
    TRY(stepped(type, job));
  }
  return Outcome::finished;
}

Result<void> Execution::stepped(JobType const& type, store::Job& job) {
  int const next = job.step + 1;
  if (next == static_cast<int>(type.steps.size())) return finish(type, job, JobState::succeeded);
  TRY(journal(job, Durability::process, [&](Transaction& tx) -> Result<void> {
    TRY(tx.jobs.finish_step(job.id, job.step, StepState::done));
    TRY(tx.jobs.enter_step(job.id, next));
    TRY(tx.jobs.add_log(job.id, type.steps[static_cast<std::size_t>(next)].name));
    return tx.events.add(events::JobStepped{job, next});
  }));
  job.step = next;
  return {};
}

bool Execution::may_wait(store::Job const& job, Error const& error) const {
  if (error.code != ErrorCode::unavailable && error.code != ErrorCode::timed_out) return false;
  // What was half made must not stay half made: undoing waits as long as it takes.
  return job.state == JobState::undoing || !job.deadline || clock_.now() < *job.deadline;
}

Result<Execution::Outcome> Execution::failed(JobType const& type, store::Job& job, Error const& error,
                                             std::string_view wait_text) {
  auto const& step = type.steps[static_cast<std::size_t>(job.step)];
  if (may_wait(job, error)) {
    TRY(note(job, std::format("{}: {} Trying again in {}.", step.name, error.message, wait_text)));
    return Outcome::wait;
  }
  log(LogLevel::notice, "jobs", "a step failed",
      {{"job", job.id.str()}, {"type", job.type}, {"step", std::string(step.name)}, {"reason", describe(error)}});
  job.error_slug = error.slug;
  job.error_message = tellable(job, error);
  bool const undoes = type.after_failure == JobType::AfterFailure::undo;
  TRY(journal(job, Durability::process, [&](Transaction& tx) -> Result<void> {
    if (error.slug != cancelled_slug) {
      TRY(tx.jobs.finish_step(job.id, job.step, StepState::failed));
      TRY(tx.jobs.add_log(job.id, std::format("{}: failed. {}", step.name, job.error_message)));
    } else {
      TRY(tx.jobs.add_log(job.id, job.error_message));
    }
    if (undoes) TRY(tx.jobs.set_undoing(job.id, error.slug, job.error_message));
    return {};
  }));
  if (undoes) {
    job.state = JobState::undoing;
    return undo(type, job, wait_text);
  }
  TRY(finish(type, job, error.slug == cancelled_slug ? JobState::cancelled : JobState::failed));
  return Outcome::finished;
}

Result<Execution::Outcome> Execution::undo(JobType const& type, store::Job& job, std::string_view wait_text) {
  for (job.step = next_undo(type, job.step); job.step >= 0;) {
    if (stopping_()) return Outcome::halted;
    auto const& step = type.steps[static_cast<std::size_t>(job.step)];
    crash_point(type, job.step, "undo-before");
    StepRun run(store_, outside_, job, clock_, stopping_);
    auto const undone = step.undo(run);
    if (!undone) {
      if (may_wait(job, undone.error())) {
        TRY(note(job,
                 std::format("Undo \"{}\": {} Trying again in {}.", step.name, undone.error().message, wait_text)));
        return Outcome::wait;
      }
      log(LogLevel::error, "jobs", "undoing a step failed; something is left behind",
          {{"job", job.id.str()}, {"step", std::string(step.name)}, {"reason", describe(undone.error())}});
      TRY(note(job, std::format("Undo \"{}\": failed. {}", step.name, tellable(job, undone.error()))));
      TRY(finish(type, job, JobState::failed));
      return Outcome::finished;
    }
    crash_point(type, job.step, "undo-after");
    int const next = next_undo(type, job.step - 1);
    TRY(journal(job, Durability::process, [&](Transaction& tx) -> Result<void> {
      TRY(tx.jobs.finish_step(job.id, job.step, StepState::undone));
      TRY(tx.jobs.add_log(job.id, std::format("Undone: {}", step.name)));
      if (next >= 0) TRY(tx.jobs.enter_undo(job.id, next));
      return {};
    }));
    job.step = next;
  }
  TRY(finish(type, job, job.error_slug == cancelled_slug ? JobState::cancelled : JobState::undone));
  return Outcome::finished;
}

Result<void> Execution::finish(JobType const& type, store::Job& job, JobState state) {
  job.state = state;
  return journal(job, Durability::power, [&](Transaction& tx) -> Result<void> {
    if (state == JobState::succeeded) TRY(tx.jobs.finish_step(job.id, job.step, StepState::done));
    TRY(tx.jobs.finish(job.id, state, job.error_slug, job.error_message));
    auto const tell = state == JobState::succeeded ? type.succeeded : type.failed;
    if (tell != nullptr) TRY(tell(tx, job));
    return tx.events.add(events::JobFinished{job, state, job.error_message});
  });
}

Result<void> Execution::note(store::Job const& job, std::string const& line) {
  return journal(job, Durability::process, [&](Transaction& tx) { return tx.jobs.add_log(job.id, line); });
}

void Execution::crash_point(JobType const& type, int step, std::string_view where) const {
  if (faults_.crash_at.empty() || faults_.crash_at != std::format("{}:{}:{}", type.name, step + 1, where)) return;
  ::_exit(137);  // as after kill -9: no destructor runs, nothing is flushed
}

}  // namespace berth::jobs
