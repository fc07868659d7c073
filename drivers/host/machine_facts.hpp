// What there is to know about the machine itself, read from its files. Thread-safe.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"

namespace berth::host {

// False on a development host: there is no release file.
bool is_appliance(MachinePaths const& paths);
Result<contract::MachineFacts> read_machine_facts(MachinePaths const& paths);

}  // namespace berth::host
