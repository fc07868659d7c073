// Listens to the engine and records a guest that changed at once, as the reconciler "observe-guests", which looks at all of
// them anyhow: what is missed here, it finds within its interval.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "drivers/contract/engine.hpp"
#include "firmware/services/call.hpp"

namespace berth::reconcilers {

// Thread-safe. What it is given must outlive it.
class GuestWatch {
 public:
  // `look_at_all` is called when any guest may have changed; it must not block.
  GuestWatch(store::Store& store, Clock const& clock, services::Settings const& settings, contract::Engine& engine,
             std::function<void()> look_at_all);
  ~GuestWatch();  // stop()
  GuestWatch(GuestWatch const&) = delete;
  GuestWatch& operator=(GuestWatch const&) = delete;

  void start();
  void stop();

 private:
  void listen(std::stop_token const& stop);
  Result<void> look_at(contract::GuestId const& guest);

  store::Store& store_;
  Clock const& clock_;
  services::Settings const& settings_;
  contract::Engine& engine_;
  std::function<void()> const look_at_all_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses what stands above
};

}  // namespace berth::reconcilers
