// The machine's name: kept in SETTINGS/hostname, from where it goes to /etc/hostname and to the kernel.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"

namespace berth::host {

Result<void> keep_name(MachinePaths const& paths, contract::Hostname const& name);
// Gives the kernel and /etc/hostname the name that is kept, if one is: after keep_name(), and at the engine's start, which
// mends what a power cut between the two left.
Result<void> apply_kept_name(MachinePaths const& paths);

}  // namespace berth::host
