// Making guest disks: the file formats, below LocalDiskStore's bookkeeping.
#pragma once

#include <cstdint>
#include <filesystem>

#include "drivers/sandbox/sandbox.hpp"
#include "firmware/base/result.hpp"

namespace berth::storage {

// A copy of the image that shares its blocks until either changes, grown to `bytes`.
Result<void> make_cloned_vm_disk(sandbox::Sandbox const& sandbox, std::filesystem::path const& image,
                                 std::filesystem::path const& disk, std::uint64_t bytes);
// A qcow2 whose backing file is the image, named relative to `home`, the folder where the disk will lie.
Result<void> make_overlay_vm_disk(std::filesystem::path const& image, std::filesystem::path const& home,
                                  std::filesystem::path const& disk, std::uint64_t bytes);
// A sparse file with an ext4 that holds upper/ and work/. `scratch`: an empty folder of the caller's.
Result<void> make_container_disk(std::filesystem::path const& scratch, std::filesystem::path const& disk,
                                 std::uint64_t bytes);

// Whether QEMU holds the file (OFD locks) or a loop device is on it.
bool in_use(std::filesystem::path const& disk);

}  // namespace berth::storage
