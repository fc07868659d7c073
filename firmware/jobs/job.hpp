// What a job is: a named list of steps. A step is journalled before it acts, may run twice, and brings its undo. The
// list is the documentation, the progress bar and the crash test's table.
//
// Steps are the only code that changes the world outside the database. They decide nothing about whether they should
// run.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/result.hpp"
#include "firmware/jobs/outside.hpp"
#include "firmware/store/store.hpp"

namespace berth::jobs {

// What a step may use.
class StepRun {
 public:
  StepRun(store::Store& store, Outside const& outside, store::Job const& job, Clock const& clock,
          std::function<bool()> stopping)
      : store(store),
        outside(outside),
        engine(outside.engine),
        machine(outside.machine),
        job(job),
        clock_(clock),
        stopping_(std::move(stopping)) {}

  store::Store& store;
  Outside const& outside;
  contract::Engine& engine;
  contract::Machine& machine;
  store::Job const& job;

  Moment now() const { return clock_.now(); }
  // store.write in the name of whoever asked for the job.
  template <class F>
  auto write(F&& f) {
    return store.write(store::Author{job.actor, clock_.now()}, std::forward<F>(f));
  }
  // A line that people see under the job.
  void say(std::string_view line);
  // How far this step has come, 0 to 100, and what it is doing. Told at most every few percent.
  void progress(std::int64_t percent, std::string_view activity);
  // What the step must know of itself when it runs again; survives a power cut.
  template <class P>
  Result<void> remember(P const& payload) {
    return write([&](store::Transaction& tx) { return tx.jobs.set_payload(job.id, write_json(payload)); });
  }
  // Waits that long. Errors: cancelled, when a person asked for it or because the panel stops; then the step runs again at
  // the next start.
  Result<void> wait(std::chrono::milliseconds how_long, bool until_cancelled) const;

 private:
  Clock const& clock_;
  std::function<bool()> stopping_;
  int told_percent_ = -1;
  std::string told_activity_;
};

using StepFunction = Result<void> (*)(StepRun&);

struct Step {
  std::string_view name;
  StepFunction act;
  StepFunction undo = nullptr;  // nullptr: nothing to take back
};

// How a job ends is a fact of the trade too: runs in the transaction that finishes the job.
using FinishFunction = Result<void> (*)(store::Transaction&, store::Job const&);

struct JobType {
  std::string_view name;
  std::span<Step const> steps;
  std::chrono::seconds deadline;  // for one attempt, waiting for the engine included; undoing has none
  // What follows a failure or a cancellation. stand: what was done stays; a retry repeats it harmlessly.
  enum class AfterFailure { undo, stand } after_failure = AfterFailure::stand;
  bool cancellable = true;             // once it runs; a queued job always is
  FinishFunction succeeded = nullptr;  // adds the event that tells it
  FinishFunction failed = nullptr;     // after failed, undone or cancelled
  FinishFunction retried = nullptr;    // in the transaction that queues it again; an error refuses the retry
};

std::vector<std::string_view> step_names(JobType const& type);

// Every type there is, in a fixed order.
std::span<JobType const* const> all_types();
// nullptr when unknown.
JobType const* find_type(std::string_view name);

}  // namespace berth::jobs
