// The OCI runtime configuration (runtime-spec config.md) of a guest. Pure: what goes in decides what comes out.
#pragma once

#include <cstdint>
#include <filesystem>

#include "drivers/container/image_config.hpp"
#include "drivers/container/user.hpp"
#include "drivers/contract/types.hpp"

namespace berth::container {

inline constexpr std::int64_t processes_max = 512;

struct SpecInput {
  contract::GuestSpec const& guest;
  ImageConfig const& image;
  User const& user;
  std::uint32_t id_base = 0;
  std::filesystem::path rootfs;
  std::filesystem::path etc;  // folder with hosts, hostname and resolv.conf
  std::string cgroup;         // absolute within the hierarchy
  bool swap_counted = false;
  std::uint64_t descriptors_max = 0;  // what this machine lets us give
  std::string apparmor_profile;       // empty: this machine has no AppArmor
};

// What the group may use so that the guest can use `memory_bytes` itself: runtimes and the kernel take their share
// beside it. Small ones need relatively more: x1.15 up to 2 GiB, x1.10 up to 4 GiB, x1.05 above (the rule that
// Pelican's Wings applies).
std::int64_t memory_limit_bytes(std::int64_t memory_bytes);

json::object oci_spec(SpecInput const& input);

// The generated files that are mounted over the image's.
std::string hosts_file(contract::GuestSpec const& guest);
std::string resolv_conf(contract::GuestSpec const& guest);

}  // namespace berth::container
