// The machine's own network: what is kept, what is tried, and the way back.
//
// What is kept lies in SETTINGS/network.json; networkd's files are made from it in its runtime folder, anew at every start
// (write_network_files), so that whatever was tried is gone after a restart of the machine. What is tried takes the place of
// those files; RUNTIME/network-trial.json says until when. An engine that finds a trial at its start takes it back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"
#include "drivers/host/networkd_files.hpp"
#include "drivers/host/system_bus.hpp"

namespace berth::host {

// Makes networkd's files say what is kept: early at start, before networkd. With nothing kept, ours are removed: the image's
// own, DHCP on every card, count. Kept settings that are not understood count as none, so that the machine can be reached.
Result<void> write_network_files(MachinePaths const& paths, NetworkdOptions const& options = {});

// Thread-safe.
class MachineNetwork {
 public:
  MachineNetwork(MachinePaths const& paths, SystemBus& bus, NetworkdOptions options = {});

  // Takes back what an engine before this one tried, and watches the deadlines from now on. Once, before anything else.
  void begin();
  // As contract::Machine has them.
  Result<contract::NetworkState> state();
  Result<void> attempt(contract::TryNetwork const& wish);
  Result<void> confirm();
  Result<void> revert();

 private:
  struct Trial;

  Result<void> put_in_force(contract::NetworkSettings const& old, contract::NetworkSettings const& wanted, bool kept);
  Result<void> take_back(Trial const& trial);  // mutex_ held
  void watch(std::stop_token const& stop);
  Result<std::optional<Trial>> trial() const;
  Result<void> record(Trial const& trial);

  MachinePaths const paths_;
  SystemBus& bus_;
  NetworkdOptions const options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t changes_ = 0;  // of the record, by this engine; guarded by mutex_
  std::jthread watcher_;       // last: uses what stands above
};

}  // namespace berth::host
