// The releases of a machine in memory: two slots, and an installation that goes on by a clock. Not thread-safe: FakeMachine's lock
// is held around every call.
#pragma once

#include <chrono>
#include <optional>

#include "drivers/contract/machine.hpp"
#include "firmware/base/clock.hpp"

namespace berth::fake {

class FakeUpdates {
 public:
  // An installation takes this long by the clock; none: it has ended when the call that began it returns.
  FakeUpdates(Clock const& clock, std::string version, std::string board, std::chrono::milliseconds takes);

  contract::Slots slots();
  Result<void> choose_slot(contract::SlotName slot);
  // A bundle is any file that begins with a line "berth-bundle VERSION [BOARD|broken]"; anything else is corrupt. A broken one
  // fails halfway.
  Result<void> install(Descriptor const& bundle);
  contract::UpdateProgress progress();
  std::vector<contract::FoundUpdate> found() const;
  Result<void> install_found(contract::FoundUpdateId const& id);
  // The machine has restarted: what came next runs, and is good.
  void restarted();
  // The installation that runs, or else the next one, fails halfway with this reason.
  void fail_with(std::string reason) { failing_ = std::move(reason); }

 private:
  struct Bundle {
    std::string version;
    std::string board;
    bool broken = false;
  };
  static Result<Bundle> read(Descriptor const& file);
  Result<void> look_at(Bundle const& bundle) const;
  Result<void> begin(Bundle const& bundle);
  void advance();
  void finish();
  contract::Slot& other();

  Clock const& clock_;
  std::string version_;  // that runs
  std::string const board_;
  std::chrono::milliseconds const takes_;
  contract::Slots slots_;
  contract::UpdateProgress progress_;
  Moment began_;
  std::optional<std::string> failing_;
};

}  // namespace berth::fake
