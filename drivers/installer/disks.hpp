// The disks of this machine, as lsblk(8) sees them. Nothing is written to any of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/contract/installer_types.hpp"
#include "firmware/base/result.hpp"

namespace berth::installer {

inline constexpr std::string_view appliance_words = "a Berth appliance";

struct Disk {
  std::string name;   // "sda"
  std::string path;   // "/dev/sda"
  std::string model;  // printable ASCII, here and below; "" is unknown
  std::string serial;
  std::uint64_t bytes = 0;
  std::uint32_t sector_bytes = 512;  // logical
  bool empty = false;                // neither signature nor partition, and its first MiB is zero
  std::string holds;                 // see contract::InstallDisk
  std::string refused;               // why it cannot be used, apart from its size; "" is that it can
};

// What lsblk --json said; `medium` is the name of the disk that the installer runs from. first_mib_is_zero is asked for disks
// without a signature. Pure but for that. Errors: corrupt.
Result<std::vector<Disk>> disks_from(std::string_view lsblk_json, std::string_view medium,
                                     bool (*first_mib_is_zero)(std::string const& path));

// Errors: io, corrupt.
Result<std::vector<Disk>> list_disks(std::string_view medium);

// The disk whose partition is the block device `partition` ("/dev/berth/payload"). Errors: not_found.
Result<std::string> disk_of(std::string const& partition);

// The disk that `text` names: the kernel's name, a path that leads to it, or its serial number. Errors: not_found, conflict (two
// disks bear this serial number).
Result<Disk> find_disk(std::vector<Disk> const& disks, std::string_view text);

}  // namespace berth::installer
