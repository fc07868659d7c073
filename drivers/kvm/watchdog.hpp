// Does something when a call takes too long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace berth::kvm {

// One thread for all calls under way. Thread-safe.
class Watchdog {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  Watchdog();
  ~Watchdog();
  Watchdog(Watchdog const&) = delete;
  Watchdog& operator=(Watchdog const&) = delete;

  // Acts once at `deadline` unless it has gone before; afterwards the act is neither running nor will it run.
  class Watch {
   public:
    Watch(Watchdog& dog, Instant deadline, std::function<void()> act);
    ~Watch();
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;
    bool fired() const;

   private:
    Watchdog& dog_;
    std::uint64_t key_ = 0;
  };

 private:
  struct Entry {
    Instant deadline;
    std::function<void()> act;  // short and non-blocking: it runs under the lock
    bool fired = false;
  };
  void keep_watch(std::stop_token const& stop);

  std::mutex mutable mutex_;
  std::condition_variable_any changed_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t last_key_ = 0;
  Instant wakes_at_ = Instant::max();
  std::jthread thread_;
};

}  // namespace berth::kvm
