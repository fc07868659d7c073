// What travels in the rows of the jobs about the machine itself. Those without one of these carry the contract's own struct.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "drivers/contract/machine_types.hpp"
#include "firmware/jobs/payload.hpp"

namespace berth::jobs {

struct HostnamePayload {
  contract::Hostname hostname;
};
BOOST_DESCRIBE_STRUCT(HostnamePayload, (), (hostname))

struct TimePayload {
  contract::TimeSettings settings;
  bool clock_set = false;  // journalled before the clock is set: it is set once, a second time would set it back
};
BOOST_DESCRIBE_STRUCT(TimePayload, (), (settings, clock_set))

struct SlotPayload {
  contract::SlotName slot = contract::SlotName::a;
};
BOOST_DESCRIBE_STRUCT(SlotPayload, (), (slot))

// For what ends the machine's uptime: the start of the machine in which it was asked for. In a later one it has happened.
struct PowerPayload {
  std::string boot_id;
  std::optional<contract::FactoryReset> reset;
};
BOOST_DESCRIBE_STRUCT(PowerPayload, (), (boot_id, reset))

struct UpdatePayload {
  std::string channel_url;  // "": not from a channel
  bool automatic = false;
  bool nothing_newer = false;
  std::string file;   // in MachineFiles; "": not here (yet)
  std::string found;  // contract::FoundUpdateId; "": not one that the machine found
  std::string version;
  bool handed_over = false;  // journalled before the engine is asked to install
};
BOOST_DESCRIBE_STRUCT(UpdatePayload, (), (channel_url, automatic, nothing_newer, file, found, version, handed_over))

}  // namespace berth::jobs
