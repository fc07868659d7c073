// A file system of its own in a sparse file, mounted for a test. Needs root.
#pragma once

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "drivers/kernel/loop_device.hpp"
#include "firmware/base/process.hpp"

namespace berth::support {

class MountedFileSystem {
 public:
  MountedFileSystem(std::filesystem::path const& folder, std::string const& type, std::uint64_t bytes)
      : at_(folder / "mounted") {
    auto const file = folder / "file-system";
    std::filesystem::create_directories(at_);
    EXPECT_TRUE(run_checked({"truncate", "-s", std::to_string(bytes), file.string()}).has_value());
    EXPECT_TRUE(run_checked({"mkfs." + type, "-q", file.string()}).has_value());
    auto const loop = kernel::attach_loop(file);
    EXPECT_TRUE(loop.has_value());
    EXPECT_EQ(::mount(loop->path.c_str(), at_.c_str(), type.c_str(), 0, nullptr), 0);
  }
  MountedFileSystem(MountedFileSystem const&) = delete;
  MountedFileSystem& operator=(MountedFileSystem const&) = delete;
  ~MountedFileSystem() { ::umount2(at_.c_str(), MNT_DETACH); }
  std::filesystem::path const& path() const { return at_; }

 private:
  std::filesystem::path at_;
};

}  // namespace berth::support
