// Who is told that a guest may be in another state: what stands behind Engine::monitor() in the process that has the guests.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "drivers/contract/engine.hpp"

namespace berth::contract {

// Thread-safe. What is told twice before a listener looks is heard once, so that nothing here grows beyond the guests there
// are.
class Changes {
 public:
  // Does not block; may be called with locks held.
  void tell(GuestId const& guest);
  // Engine::monitor(). Errors: none.
  Result<void> monitor(std::stop_token const& stop, GuestNewsListener const& heard);

 private:
  struct Listener {
    std::set<std::string> pending;
  };
  std::mutex mutex_;
  std::condition_variable_any told_;
  std::set<Listener*> listeners_;  // guarded by mutex_, as is what they hold
};

}  // namespace berth::contract
