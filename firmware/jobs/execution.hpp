// One job from where its journal says to where it ends or must wait.
#pragma once

#include <optional>

#include "firmware/base/clock.hpp"
#include "firmware/jobs/job.hpp"
#include "firmware/jobs/runner.hpp"

namespace berth::jobs {

class Execution {
 public:
  enum class Outcome {
    finished,  // the job is in a final state
    wait,      // a part did not answer: come back later
    halted,    // the panel stops; the job goes on at the next start
  };

  Execution(store::Store& store, Outside const& outside, Clock const& clock, FaultPlan const& faults,
            std::function<bool()> stopping)
      : store_(store), outside_(outside), clock_(clock), faults_(faults), stopping_(std::move(stopping)) {}

  // `wait_text` says how long the caller will wait ("2 s"), for the job's log. Errors: of the store alone.
  Result<Outcome> advance(JobId const& id, std::string_view wait_text);

 private:
  Result<Outcome> act(JobType const& type, store::Job& job, std::string_view wait_text);
  Result<Outcome> undo(JobType const& type, store::Job& job, std::string_view wait_text);
  // Journals that step `done` is done and the next entered, in one transaction; tells whether to go on with acting.
  Result<void> stepped(JobType const& type, store::Job& job);
  Result<void> begin(JobType const& type, store::Job& job);
  Result<Outcome> failed(JobType const& type, store::Job& job, Error const& error, std::string_view wait_text);
  Result<void> finish(JobType const& type, store::Job& job, store::JobState state);
  bool may_wait(store::Job const& job, Error const& error) const;
  Result<void> note(store::Job const& job, std::string const& line);
  void crash_point(JobType const& type, int step, std::string_view where) const;
  template <class F>
  Result<void> journal(store::Job const& job, store::Durability durability, F&& f) {
    return store_.write(store::Author{job.actor, clock_.now()}, std::forward<F>(f), durability);
  }

  store::Store& store_;
  Outside const& outside_;
  Clock const& clock_;
  FaultPlan const& faults_;
  std::function<bool()> stopping_;
};

}  // namespace berth::jobs
