// Runs jobs: several at once, at most one a server, each from where its journal says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/jobs/job.hpp"

namespace berth::jobs {

// Points at which a test stops the process or makes a step fail, as if the machine had. Empty in production.
struct FaultPlan {
  // "TYPE:STEP:before" (journalled, not acted), ":after" (acted, not journalled as done), ":undo-before",
  // ":undo-after". STEP counts from 1.
  std::string crash_at = "";
  std::string fail_at = "";  // "TYPE:STEP": the step fails before it acts
};

// Every point that crash_at knows, of all job types.
std::vector<std::string> crash_points();

struct RunnerOptions {
  // Most of them wait: for a guest that takes its time to shut down, or never does. Fewer than the engine's own workers.
  std::size_t workers = 24;
  std::chrono::milliseconds backoff_first{200};
  std::chrono::milliseconds backoff_most{15000};
  FaultPlan faults = {};
};

// Listens to the store's commits: a job starts as soon as the transaction that enqueued it is durable.
class Runner {
 public:
  Runner(store::Store& store, Outside const& outside, Clock const& clock, RunnerOptions options);
  ~Runner();  // stop()
  Runner(Runner const&) = delete;
  Runner& operator=(Runner const&) = delete;

  // Resumes what a former process left and begins to take jobs.
  Result<void> start();
  // Lets the steps under way end (their jobs go on at the next start) and joins the workers.
  void stop();
  // True when nothing is queued or running (jobs that wait for a retry count as running).
  bool idle() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::jobs
