// What this machine is and has.
#pragma once

#include "drivers/contract/driver.hpp"
#include "drivers/host/accelerator_probe.hpp"

namespace berth::host {

// Reads the kernel's own figures now; storage is the file system that holds `directories.state`. boot_id stays empty:
// the engine knows since when there can be guests. Thread-safe. Errors: not_found (the state directory), io.
Result<contract::HostFacts> read_host_facts(contract::Directories const& directories,
                                            AcceleratorVerdict const& verdict);

// Whether files in `folder` can be cloned in O(1), seen by cloning one (ioctl_ficlonerange(2)). Errors: io.
Result<bool> reflink_works(std::filesystem::path const& folder);

}  // namespace berth::host
