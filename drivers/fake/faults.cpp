#include "drivers/fake/faults.hpp"

#include <algorithm>

namespace berth::fake {

void Faults::fail_next(std::string call, Error error, int pass) {
  std::lock_guard lock(mutex_);
  failures_.push_back({std::move(call), std::move(error), pass});
}

void Faults::hang_next(std::string call) {
  std::lock_guard lock(mutex_);
  hangs_.push_back(std::move(call));
}

void Faults::release() {
  {
    std::lock_guard lock(mutex_);
    ++releases_;
    hangs_.clear();
  }
  changed_.notify_all();
}

void Faults::delay(std::string call, std::chrono::milliseconds time) {
  std::lock_guard lock(mutex_);
  delays_[std::move(call)] = time;
}

int Faults::hanging() const {
  std::lock_guard lock(mutex_);
  return hanging_;
}

Result<void> Faults::before(std::string_view call) {
  std::unique_lock lock(mutex_);
  if (auto const hang = std::ranges::find(hangs_, call); hang != hangs_.end()) {
    hangs_.erase(hang);
    ++hanging_;
    changed_.wait(lock, [this, releases = releases_] { return releases_ != releases; });
    --hanging_;
  }
  auto slow = delays_.find(call);
  if (slow == delays_.end()) slow = delays_.find("*");
  if (slow != delays_.end()) {
    auto const until = std::chrono::steady_clock::now() + slow->second;
    changed_.wait_until(lock, until, [this, releases = releases_] { return releases_ != releases; });
  }
  auto const due = std::ranges::find_if(failures_, [&](Failure& f) { return f.call == call && f.pass-- == 0; });
  if (due == failures_.end()) return {};
  auto error = std::move(due->error);
  failures_.erase(due);
  return std::unexpected(std::move(error));
}

}  // namespace berth::fake
