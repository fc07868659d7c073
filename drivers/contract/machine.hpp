// The machine itself as the panel and the console see it: what an operator sets once and repairs when it is broken.
// Three bodies: the varlink client (machine_client.hpp), the appliance (drivers/host), and the one in memory (drivers/fake).
//
// Every call is thread-safe and may be repeated: a second time it succeeds and changes nothing. Outside the appliance
// (MachineFacts::appliance is false) whatever changes the machine is Error{unsupported}: a development host is not ours.
// Errors every call may give: invalid_argument with a JSON pointer, unavailable, io, internal. Others are named at the call.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::contract {

class Machine {
 public:
  virtual ~Machine() = default;

  virtual Result<MachineFacts> facts() = 0;
  virtual Result<void> set_hostname(Hostname const& name) = 0;
  virtual Result<TimeSettings> time_settings() = 0;
  virtual Result<void> set_time(TimeSettings const& settings) = 0;

  virtual Result<NetworkState> network() = 0;
  // In force at once, and taken back after confirm_within_s unless confirmed; a restart of the engine or of the machine takes
  // it back too. Errors: conflict (something else is being tried).
  virtual Result<void> try_network(TryNetwork const& wish) = 0;
  // What is tried becomes what is kept. Errors: conflict (it has been taken back, or nothing was tried).
  virtual Result<void> confirm_network() = 0;
  virtual Result<void> revert_network() = 0;  // nothing is being tried: success

  virtual Result<SshSettings> ssh() = 0;
  virtual Result<void> set_ssh(SshSettings const& settings) = 0;

  virtual Result<Slots> slots() = 0;
  // Errors: conflict (there is nothing in it).
  virtual Result<void> choose_slot(SlotName slot) = 0;
  // Looks at the bundle behind the descriptor and begins to install it into the slot that is not running; update() tells how it
  // goes. When that ends without a failure, the next start takes that slot.
  // Errors: conflict (one is being installed), corrupt (not a bundle, or not signed by whom we trust), precondition_failed (for
  // another board, or older than what runs; the same version once more is allowed), exhausted (no room for its copy).
  virtual Result<void> install_update(Descriptor bundle) = 0;
  virtual Result<UpdateProgress> update() = 0;
  // The bundles on removable disks and in the machine's own folder for them, newest version first, at most 32 of them. Reads
  // each one's signature: takes seconds.
  virtual Result<std::vector<FoundUpdate>> find_updates() = 0;
  // As install_update. Errors besides: not_found (it is not there any more, or is another file by now).
  virtual Result<void> install_found(FoundUpdateId const& id) = 0;

  virtual Result<void> power(PowerAct act) = 0;
  // Takes effect at the restart that it begins. Errors: precondition_failed (confirm is not the machine's name).
  virtual Result<void> factory_reset(FactoryReset const& wish) = 0;
  // A gzip-compressed tar of logs and settings for whoever helps, without secrets, customers' data or keys. To be read from offset 0.
  virtual Result<Descriptor> support_bundle() = 0;
};

}  // namespace berth::contract
