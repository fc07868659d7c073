// One container as it is on this machine now: what its runtime folder, /proc and its control group say.
#pragma once

#include <filesystem>
#include <optional>

#include "drivers/container/cgroup.hpp"
#include "drivers/container/runtime.hpp"
#include "drivers/contract/driver.hpp"

namespace berth::container {

// How the last run ended. Kept in the runtime folder until the next start.
struct Ending {
  std::optional<Number<0, 255>> exit_code;  // absent: nobody saw it
  bool out_of_memory = false;
  bool wanted = false;  // we were asked to stop it
};
BOOST_DESCRIBE_STRUCT(Ending, (), (exit_code, out_of_memory, wanted))

// Not thread-safe; cheap to make.
class Instance {
 public:
  Instance(Runtime const& runtime, contract::GuestId guest);

  // Looks, changes nothing. absent when there is no runtime folder and so nothing runs or ran.
  contract::GuestStatus look() const;
  bool lives() const { return process().has_value(); }
  // The first process, while it lives.
  std::optional<ProcessMark> process() const;
  // Whether something of a run that is over, or never came about, lies around.
  bool needs_release() const;

  // Steps of a start, in this order; each leaves its mark in the folder.
  Result<void> prepare_folder() const;
  Result<ProcessMark> create(LogFile const& log) const;
  Result<void> start() const;

  Result<void> note_stopping() const;
  void forget_stopping() const;
  // Ends whatever lives, collects how it ended, takes away mounts, group and files. Idempotent, also after a crash at
  // any point.
  Result<void> release(std::optional<std::filesystem::path> const& disk) const;
  // Everything, the memory of its ending too.
  Result<void> forget() const;

  Cgroup cgroup() const { return Cgroup(guest_.str()); }
  std::filesystem::path folder() const { return runtime_.folder(guest_); }

 private:
  Ending collect_ending() const;
  bool has(char const* name) const;

  Runtime const& runtime_;
  contract::GuestId guest_;
};

}  // namespace berth::container
