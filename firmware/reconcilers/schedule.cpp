#include <condition_variable>
#include <mutex>
#include <thread>

#include "firmware/base/log.hpp"
#include "firmware/reconcilers/reconciler.hpp"

namespace berth::reconcilers {

struct Schedule::Parts {
  Parts(store::Store& s, Clock const& c, services::Settings const& set) : store(s), clock(c), settings(set) {}

  struct Row {
    std::unique_ptr<Reconciler> reconciler;
    bool nudged = false;
    std::jthread thread;
  };

  void turn(Row& row);
  void run_once(Reconciler& reconciler, bool& failing);

  store::Store& store;
  Clock const& clock;
  services::Settings const& settings;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::vector<std::unique_ptr<Row>> rows;
};

void Schedule::Parts::turn(Row& row) {
  bool failing = false;
  while (true) {
    run_once(*row.reconciler, failing);
    std::unique_lock lock(mutex);
    changed.wait_for(lock, row.reconciler->interval(), [&] { return stopping || row.nudged; });
    if (stopping) return;
    row.nudged = false;
  }
}

void Schedule::Parts::run_once(Reconciler& reconciler, bool& failing) {
  services::Call call(store, access::Actor::reconciler(reconciler.name()), clock.now(), settings);
  auto const done = reconciler.run(call);
  // Once when it begins to fail and once when it is over: not a line every few seconds.
  if (!done && !failing)
    log(LogLevel::warning, "reconcilers", "a run failed",
        {{"name", std::string(reconciler.name())}, {"reason", describe(done.error())}});
  if (done && failing)
    log(LogLevel::notice, "reconcilers", "runs succeed again", {{"name", std::string(reconciler.name())}});
  failing = !done;
}

Schedule::Schedule(store::Store& store, Clock const& clock, services::Settings const& settings)
    : parts_(std::make_unique<Parts>(store, clock, settings)) {}

Schedule::~Schedule() {
  stop();
}

void Schedule::add(std::unique_ptr<Reconciler> reconciler) {
  auto row = std::make_unique<Parts::Row>();
  row->reconciler = std::move(reconciler);
  parts_->rows.push_back(std::move(row));
}

void Schedule::start() {
  for (auto& row : parts_->rows) row->thread = std::jthread([this, &row = *row] { parts_->turn(row); });
}

void Schedule::stop() {
  {
    std::scoped_lock lock(parts_->mutex);
    parts_->stopping = true;
  }
  parts_->changed.notify_all();
  for (auto& row : parts_->rows)
    if (row->thread.joinable()) row->thread.join();
}

void Schedule::nudge(std::string_view name) {
  {
    std::scoped_lock lock(parts_->mutex);
    for (auto& row : parts_->rows)
      if (row->reconciler->name() == name) row->nudged = true;
  }
  parts_->changed.notify_all();
}

}  // namespace berth::reconcilers
