// One lock a guest, made when it is first asked for and gone with its last holder.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::engine {

// Thread-safe.
class GuestLocks {
 public:
  // Holds the guest's lock while it lives.
  class Hold {
   public:
    Hold(std::shared_ptr<std::timed_mutex> mutex, std::unique_lock<std::timed_mutex> lock)
        : mutex_(std::move(mutex)), lock_(std::move(lock)) {}

   private:
    std::shared_ptr<std::timed_mutex> mutex_;
    std::unique_lock<std::timed_mutex> lock_;  // released before the mutex is let go
  };

  // Error{unavailable, "guest-busy"}: another call on this guest did not end within `patience`.
  Result<Hold> hold(std::string const& guest, std::chrono::milliseconds patience) {
    auto mutex = mutex_of(guest);
    std::unique_lock lock(*mutex, patience);
    if (!lock)
      return fail(ErrorCode::unavailable, "guest-busy", "Another act on this guest is still under way; try again.");
    return Hold(std::move(mutex), std::move(lock));
  }

 private:
  std::shared_ptr<std::timed_mutex> mutex_of(std::string const& guest) {
    std::lock_guard lock(mutex_);
    std::erase_if(locks_, [](auto const& entry) { return entry.second.expired(); });
    auto& known = locks_[guest];
    auto mutex = known.lock();
    if (!mutex) known = mutex = std::make_shared<std::timed_mutex>();
    return mutex;
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<std::timed_mutex>> locks_;
};

}  // namespace berth::engine
