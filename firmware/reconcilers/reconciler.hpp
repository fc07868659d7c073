// The second door into services: driven by time or by a nudge, idempotent, without input, bounded in each run.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/services/call.hpp"

namespace berth::reconcilers {

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // "observe-guests": the name of its system actor, which access/permission.cpp grants its rights.
  virtual std::string_view name() const = 0;
  virtual std::chrono::milliseconds interval() const = 0;
  virtual Result<void> run(services::Call& call) = 0;
};

// One thread a reconciler, so that one that waits for a slow engine does not hold up the others.
class Schedule {
 public:
  Schedule(store::Store& store, Clock const& clock, services::Settings const& settings);
  ~Schedule();  // stop()
  Schedule(Schedule const&) = delete;
  Schedule& operator=(Schedule const&) = delete;

  // Before start().
  void add(std::unique_ptr<Reconciler> reconciler);
  void start();
  void stop();
  // Runs it soon, whatever its interval. Unknown names do nothing.
  void nudge(std::string_view name);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::reconcilers
