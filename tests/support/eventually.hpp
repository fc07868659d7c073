// Waiting for a condition, never for a time.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace berth::support {

// True as soon as `condition` holds, false when it does not within the deadline.
inline bool eventually(std::function<bool()> const& condition,
                       std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
  auto const until = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace berth::support
