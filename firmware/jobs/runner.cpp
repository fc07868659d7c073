#include "firmware/jobs/runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <format>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "firmware/base/log.hpp"
#include "firmware/jobs/execution.hpp"

namespace berth::jobs {
namespace {

using Steady = std::chrono::steady_clock;

// Jobs that wait for a worker, by when they may run; each is there once and runs once at a time. Shared with the
// store's listener, which may outlive the runner.
class Queue {
 public:
  void put(JobId const& id, Steady::time_point due) {
    {
      std::scoped_lock lock(mutex_);
      if (running_.contains(id))
        look_again(id, due);
      else
        enqueue(id, due);
    }
    changed_.notify_one();
  }
  // Those that wait for their next try try now; so do those whose worker has just decided to wait.
  void hurry() {
    {
      std::scoped_lock lock(mutex_);
      for (auto const& id : running_) look_again(id, Steady::now());
      for (auto const& [id, due] : std::map(due_of_)) enqueue(id, Steady::now());
    }
    changed_.notify_all();
  }
  // The next job, taken; nothing when the runner stops.
  std::optional<JobId> take() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (waiting_.empty()) {
        changed_.wait(lock);
        continue;
      }
      auto const [due, id] = *waiting_.begin();
      if (due > Steady::now()) {
        changed_.wait_until(lock, due);
        continue;
      }
      waiting_.erase(waiting_.begin());
      due_of_.erase(id);
      running_.insert(id);
      return id;
    }
    return std::nullopt;
  }
  void done(JobId const& id) {
    std::scoped_lock lock(mutex_);
    running_.erase(id);
    if (auto const found = again_.find(id); found != again_.end()) {
      enqueue(id, found->second);
      again_.erase(found);
      changed_.notify_one();
    }
  }
  void stop() {
    {
      std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
  }
  bool stopping() const {
    std::scoped_lock lock(mutex_);
    return stopping_;
  }
  bool idle() const {
    std::scoped_lock lock(mutex_);
    return waiting_.empty() && running_.empty();
  }

 private:
  // The earlier of two wishes counts.
  void enqueue(JobId const& id, Steady::time_point due) {
    if (auto const found = due_of_.find(id); found != due_of_.end()) {
      if (found->second <= due) return;
      waiting_.erase({found->second, id});
    }
    due_of_[id] = due;
    waiting_.emplace(due, id);
  }

  // Asked for while its worker is about to let go of it: it gets another look then. The earlier of two wishes counts.
  void look_again(JobId const& id, Steady::time_point due) {
    auto const [found, fresh] = again_.try_emplace(id, due);
    if (!fresh) found->second = std::min(found->second, due);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<Steady::time_point, JobId>> waiting_;
  std::map<JobId, Steady::time_point> due_of_;  // of those in waiting_
  std::set<JobId> running_;
  std::map<JobId, Steady::time_point> again_;
  bool stopping_ = false;
};

std::string in_words(std::chrono::milliseconds wait) {
  return wait.count() < 1000 ? std::format("{} ms", wait.count()) : std::format("{} s", (wait.count() + 500) / 1000);
}

}  // namespace

struct Runner::Parts {
  Parts(store::Store& s, Outside const& e, Clock const& c, RunnerOptions o)
      : store(s), outside(e), clock(c), options(std::move(o)) {}

  std::chrono::milliseconds backoff(JobId const& id) {
    std::scoped_lock lock(tries_mutex);
    int const tries = std::min(tries_of[id]++, 16);
    return std::min(options.backoff_first * (1 << tries), options.backoff_most);
  }
  void forget_backoff(JobId const& id) {
    std::scoped_lock lock(tries_mutex);
    tries_of.erase(id);
  }
  void run_one(JobId const& id);
  void work() {
    while (auto const id = queue->take()) {
      run_one(*id);
      queue->done(*id);
    }
  }

  store::Store& store;
  Outside const outside;
  Clock const& clock;
  RunnerOptions options;
  std::shared_ptr<Queue> queue = std::make_shared<Queue>();
  std::mutex tries_mutex;
  std::map<JobId, int> tries_of;
  std::vector<std::jthread> workers;
};

void Runner::Parts::run_one(JobId const& id) {
  auto const wait = backoff(id);
  Execution execution(store, outside, clock, options.faults, [this] { return queue->stopping(); });
  auto const outcome = execution.advance(id, in_words(wait));
  if (outcome && *outcome == Execution::Outcome::finished) return forget_backoff(id);
  if (outcome && *outcome == Execution::Outcome::halted) return;
  // The store refused (a full disk): the journal says where to go on when it takes writes again.
  if (!outcome)
    log(LogLevel::error, "jobs", "a job cannot be journalled; trying again",
        {{"job", id.str()}, {"reason", describe(outcome.error())}});
  if (!outcome && outcome.error().code == ErrorCode::not_found) return forget_backoff(id);
  queue->put(id, Steady::now() + wait);
}

Runner::Runner(store::Store& store, Outside const& outside, Clock const& clock, RunnerOptions options)
    : parts_(std::make_unique<Parts>(store, outside, clock, std::move(options))) {}

Runner::~Runner() {
  stop();
}

Result<void> Runner::start() {
  auto queue = parts_->queue;
  parts_->store.after_commit([queue](store::Committed const& committed) {
    for (auto const& id : committed.jobs) queue->put(id, Steady::now());
    if (committed.cancellations) queue->hurry();
  });
  for (auto const& id : TRY(parts_->store.read([](store::Snapshot& s) { return s.jobs.unfinished(); })))
    queue->put(id, Steady::now());
  for (std::size_t i = 0; i < parts_->options.workers; ++i) parts_->workers.emplace_back([this] { parts_->work(); });
  return {};
}

void Runner::stop() {
  parts_->queue->stop();
  parts_->workers.clear();  // joins
}

bool Runner::idle() const {
  return parts_->queue->idle();
}

std::vector<std::string> crash_points() {
  std::vector<std::string> points;
  for (auto const* type : all_types()) {
    for (std::size_t i = 0; i < type->steps.size(); ++i) {
      auto const at = std::format("{}:{}:", type->name, i + 1);
      points.push_back(at + "before");
      points.push_back(at + "after");
      if (type->after_failure != JobType::AfterFailure::undo || type->steps[i].undo == nullptr) continue;
      points.push_back(at + "undo-before");
      points.push_back(at + "undo-after");
    }
  }
  return points;
}

}  // namespace berth::jobs
