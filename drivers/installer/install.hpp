// One installation, from the wish to a disk that starts.
#pragma once

#include <functional>

#include "drivers/installer/payload.hpp"
#include "drivers/installer/plan.hpp"

namespace berth::installer {

using Progress = std::function<void(contract::InstallStep step, int percent)>;

contract::InstallOffer offer_of(Layout const& layout, std::vector<Disk> const& disks);

// Checks the medium, then writes, verifies and makes bootable. Until the last step no firmware finds anything on the disks.
// One at a time on a machine: Error{conflict} while another one runs. Errors: those of make_plan and of writer.hpp.
Result<void> install(Payload const& payload, std::vector<Disk> const& present, contract::InstallWish const& wish,
                     Progress const& progress);

}  // namespace berth::installer
