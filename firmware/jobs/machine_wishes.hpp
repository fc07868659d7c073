// The jobs about the machine itself that services ask for.
#pragma once

#include <string>

#include "drivers/contract/machine_types.hpp"
#include "firmware/store/job_store.hpp"

namespace berth::jobs {

struct MachineSetHostname {
  contract::Hostname hostname;
  store::NewJob job() const;
};
struct MachineSetTime {
  contract::TimeSettings settings;
  store::NewJob job() const;
};
struct MachineTryNetwork {
  contract::TryNetwork wish;
  store::NewJob job() const;
};
struct MachineConfirmNetwork {
  store::NewJob job() const;
};
struct MachineRevertNetwork {
  store::NewJob job() const;
};
struct MachineSetSsh {
  contract::SshSettings settings;
  store::NewJob job() const;
};
// Of an update that was sent here (MachineFiles::Incoming::name), or that the machine found.
struct MachineInstallUpdate {
  std::string file;
  std::string found;
  std::string version;  // for people; "": it is not known yet
  store::NewJob job() const;
};
// Asks the channel, and installs what is newer than what runs.
struct MachineCheckUpdates {
  std::string channel_url;
  bool automatic = false;  // nobody asked for it just now
  store::NewJob job() const;
};
struct MachineChooseSlot {
  contract::SlotName slot;
  store::NewJob job() const;
};
struct MachineRestart {
  store::NewJob job() const;
};
struct MachinePowerOff {
  store::NewJob job() const;
};
struct MachineFactoryReset {
  contract::FactoryReset wish;
  store::NewJob job() const;
};
struct MachineSupportBundle {
  store::NewJob job() const;
};
struct MachineRenewCertificate {
  store::NewJob job() const;
};

// Whether a job was asked for by the same wish.
bool is_same_machine_wish(store::Job const& job, store::NewJob const& wish);
// Whether both change the same and one must be over before the other begins.
bool exclude_each_other(std::string_view one_type, std::string_view other_type);

}  // namespace berth::jobs
