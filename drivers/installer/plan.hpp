// What will be written where. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/installer/disks.hpp"
#include "drivers/installer/payload.hpp"

namespace berth::installer {

// The data partition gets at least this much.
inline constexpr std::uint64_t data_bytes_min = 1ULL << 30;

struct PlannedPartition {
  int number = 0;
  LayoutPartition what;
  std::uint64_t start_bytes = 0;
  std::uint64_t bytes = 0;
};

struct Plan {
  std::vector<Disk> disks;  // one, or two that get the same
  std::vector<PlannedPartition> partitions;
  std::string mirror;  // 28 hexadecimal digits; "" is one disk alone (rootfs/overlay, mirror.sh)
  std::string mirror_uuid(int partition) const;  // of the array that this partition belongs to: 32 digits
};

// A smaller disk is refused.
std::uint64_t disk_bytes_min(Layout const& layout);

// Errors: invalid_argument (no disk, twice the same one), not_found, conflict (in use, sectors of another size, not empty and not
// confirmed), too_large (for the disk). The message is for a person and names the disk.
Result<Plan> make_plan(Layout const& layout, std::vector<Disk> const& present, contract::InstallWish const& wish,
                       std::string mirror_number);

// What a seed wants, as a wish. Errors: as find_disk; conflict (only-empty, and not exactly one disk is empty and large enough; a
// disk with Berth on it, which only a person replaces).
Result<contract::InstallWish> wish_of(Layout const& layout, std::vector<Disk> const& present,
                                      contract::InstallSeed const& seed);

// A new disk's partition table for sfdisk(8). Without UUIDs: sfdisk makes new ones, so that no two machines' disks collide.
std::string partition_script(Plan const& plan);

}  // namespace berth::installer
