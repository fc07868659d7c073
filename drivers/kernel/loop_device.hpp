// Files as block devices (loop(4)).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::kernel {

struct LoopDevice {
  Descriptor device;
  std::string path;  // "/dev/loop7"
};

// A free loop device on `file`. It frees itself when the last user (this descriptor, a mounted file system) is gone.
// Thread-safe.
Result<LoopDevice> attach_loop(std::filesystem::path const& file);
// The devices ("/dev/loop7") whose backing file is `file` now.
std::vector<std::string> loops_of(std::filesystem::path const& file);

}  // namespace berth::kernel
