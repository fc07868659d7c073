// What may be said about the machine itself. The rest is the contract's own: TimeSettings, TryNetwork, SshSettings,
// FactoryReset; and services::UpdatePolicy.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "firmware/base/json.hpp"

namespace berth::api {

struct SetHostname {
  contract::Hostname hostname;
};
BOOST_DESCRIBE_STRUCT(SetHostname, (), (hostname))

struct ChooseSlot {
  contract::SlotName slot = contract::SlotName::a;
};
BOOST_DESCRIBE_STRUCT(ChooseSlot, (), (slot))

// The machine's name, typed by whoever knows what goes.
struct ConfirmByName {
  contract::Hostname confirm;
};
BOOST_DESCRIBE_STRUCT(ConfirmByName, (), (confirm))

}  // namespace berth::api
