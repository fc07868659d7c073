#include "firmware/events/event_hub.hpp"

#include <algorithm>

namespace berth::events {

EventHub::EventHub(store::Store& store) {
  store.after_commit([this](store::Committed const& committed) {
    if (committed.last_event == 0) return;
    {
      std::scoped_lock lock(mutex_);
      last_ = std::max(last_, committed.last_event);
    }
    changed_.notify_all();
  });
}

bool EventHub::wait_beyond(std::int64_t after, std::chrono::milliseconds how_long) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, how_long, [&] { return closed_ || last_ > after; });
  return !closed_ && last_ > after;
}

void EventHub::close() {
  {
    std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool EventHub::closed() const {
  std::scoped_lock lock(mutex_);
  return closed_;
}

}  // namespace berth::events
