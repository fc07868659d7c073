// Where bundles may lie besides what somebody uploads: a folder of the machine's own, and removable disks, which are looked at read
// only and for as long as a call takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::host {

struct BundleFile {
  std::string id;  // changes when the file does
  contract::UpdatePlace place = contract::UpdatePlace::folder;
  std::string name;
  std::uint64_t size_bytes = 0;
  Descriptor file;  // to read
};

// Calls visit with each "*.raucb" that is a plain file, at most 32 of them, until it returns false. A disk that cannot be read is
// passed over and logged. Thread-safe; one call at a time per machine.
void for_each_bundle(MachinePaths const& paths, std::function<bool(BundleFile&)> const& visit);

// The block devices that may hold one: partitions of removable or USB disks, and such disks that have none. Never a device of the disks that
// the system itself uses. Names as in /sys/class/block.
std::vector<std::string> removable_volumes(MachinePaths const& paths);

}  // namespace berth::host
