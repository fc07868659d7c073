// Wakes those who wait for events. It carries no event: readers fetch by seq from the store, so that a reader who comes
// back with a Last-Event-ID misses nothing. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "firmware/store/store.hpp"

namespace berth::events {

class EventHub {
 public:
  // Listens to the store's commits from now on; must live as long as the store.
  explicit EventHub(store::Store& store);

  // What was committed before this process began is not known here: read once from the store before the first wait.
  // True as soon as an event with a higher seq than `after` is committed; false when the time is over or the hub
  // closed.
  bool wait_beyond(std::int64_t after, std::chrono::milliseconds how_long);
  // Ends all waits, now and later.
  void close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace berth::events
