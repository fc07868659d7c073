// A guest's root file system: the image tree below, its disk above, both seen through the guest's id range.
#pragma once

#include <cstdint>
#include <filesystem>

#include "firmware/base/result.hpp"

namespace berth::container {

struct RootfsSource {
  std::filesystem::path tree;  // ids 0..65535
  std::filesystem::path disk;  // ext4 with upper/ and work/, ids 0..65535
  std::uint32_t id_base = 0;   // what they are outside
};

// Shows it on `folder`/rootfs, in this process's mount namespace. Only that one mount stays: the loop device and the
// two layers live and die with it. After an error nothing stays. Errors: io, not_found, exhausted.
Result<void> mount_rootfs(RootfsSource const& source, std::filesystem::path const& folder);

// Takes away what mount_rootfs made, or a crash left of it, and waits until the disk is free. Errors: timed_out, io.
Result<void> unmount_rootfs(std::filesystem::path const& folder, std::filesystem::path const& disk);

}  // namespace berth::container
