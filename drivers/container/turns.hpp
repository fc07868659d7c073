// One act at a time for each guest; different guests do not wait for each other.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace berth::container {

// Thread-safe.
class Turns {
 public:
  class Turn {
   public:
    Turn(std::shared_ptr<std::mutex> mutex, std::unique_lock<std::mutex> lock)
        : mutex_(std::move(mutex)), lock_(std::move(lock)) {}

   private:
    std::shared_ptr<std::mutex> mutex_;  // outlives the lock
    std::unique_lock<std::mutex> lock_;
  };

  Turn wait(std::string const& guest) {
    auto mutex = mutex_of(guest);
    std::unique_lock lock(*mutex);
    return {std::move(mutex), std::move(lock)};
  }
  // Nothing while somebody else acts.
  std::optional<Turn> if_free(std::string const& guest) {
    auto mutex = mutex_of(guest);
    std::unique_lock lock(*mutex, std::try_to_lock);
    if (!lock.owns_lock()) return std::nullopt;
    return Turn(std::move(mutex), std::move(lock));
  }

 private:
  std::shared_ptr<std::mutex> mutex_of(std::string const& guest) {
    std::lock_guard const own(own_);
    std::erase_if(guests_, [&](auto const& known) { return known.second.use_count() == 1 && known.first != guest; });
    auto& mutex = guests_[guest];
    if (!mutex) mutex = std::make_shared<std::mutex>();
    return mutex;
  }

  std::mutex own_;
  std::map<std::string, std::shared_ptr<std::mutex>> guests_;
};

}  // namespace berth::container
