#include "drivers/kvm/watchdog.hpp"

#include <algorithm>

namespace berth::kvm {

Watchdog::Watchdog() : thread_([this](std::stop_token const& stop) { keep_watch(stop); }) {}

Watchdog::~Watchdog() = default;  // the thread is asked to stop, and joined

void Watchdog::keep_watch(std::stop_token const& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto next = Instant::max();
    auto const now = std::chrono::steady_clock::now();
    for (auto& [key, entry] : entries_) {
      if (entry.fired) continue;
      if (entry.deadline <= now) {
        entry.fired = true;
        entry.act();
      } else {
        next = std::min(next, entry.deadline);
      }
    }
    wakes_at_ = next;
    auto const sooner = [&] { return wakes_at_ < next; };
    if (next == Instant::max())
      changed_.wait(lock, stop, sooner);
    else
      changed_.wait_until(lock, stop, next, sooner);
  }
}

Watchdog::Watch::Watch(Watchdog& dog, Instant deadline, std::function<void()> act) : dog_(dog) {
  std::lock_guard const lock(dog_.mutex_);
  key_ = ++dog_.last_key_;
  dog_.entries_.emplace(key_, Entry{deadline, std::move(act)});
  if (deadline >= dog_.wakes_at_) return;
  dog_.wakes_at_ = deadline;
  dog_.changed_.notify_all();
}

Watchdog::Watch::~Watch() {
  std::lock_guard const lock(dog_.mutex_);
  dog_.entries_.erase(key_);
}

bool Watchdog::Watch::fired() const {
  std::lock_guard const lock(dog_.mutex_);
  return dog_.entries_.at(key_).fired;
}

}  // namespace berth::kvm
