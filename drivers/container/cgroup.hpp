// One guest's control group, in the unified hierarchy or in the many of version 1. crun makes it (cgroupfs manager)
// below /berth at the top of the hierarchy; here it is read, frozen, killed and removed. No other group is ever
// touched.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::container {

struct CgroupUsage {
  std::uint64_t cpu_ns = 0;
  std::uint64_t memory_bytes = 0;  // charged, less what the kernel would drop first (inactive page cache)
};

class Cgroup {
 public:
  // `name` is the guest's id.
  explicit Cgroup(std::string name);

  // "/berth/NAME": what the OCI spec says in cgroupsPath.
  std::string spec_path() const { return "/berth/" + name_; }
  bool exists() const;
  CgroupUsage usage() const;
  // Whether the kernel has killed something in it for want of memory.
  bool ran_out_of_memory() const;
  bool frozen() const;
  // Waits until it is so. Errors: timed_out, io.
  Result<void> freeze();
  Result<void> thaw();
  // SIGKILL to every process in it, also to frozen ones.
  Result<void> kill();
  // Waits until it is empty, then removes it, and /berth when that was the last. Absent is fine. Errors: timed_out, io.
  Result<void> remove();

  static bool unified();
  // Whether swap can be limited here.
  static bool counts_swap();

 private:
  std::filesystem::path folder(char const* controller) const;
  Result<void> set_frozen(bool wanted);

  std::string name_;
};

}  // namespace berth::container
