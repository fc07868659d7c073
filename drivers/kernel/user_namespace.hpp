// User namespaces that exist only as descriptors: to map the ids of a mount, or to be entered by a child.
#pragma once

#include <cstdint>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::kernel {

// Every guest, and every unpacking child, sees 65536 ids of its own.
inline constexpr std::uint32_t ids_per_range = 65536;
// Ranges lie where neither people, system users, subuids nor systemd's own containers are (systemd, docs/UIDS-GIDS.md):
// 1879048192 (0x70000000) up to 2^31. Number 0 belongs to berth-sandbox, guests take 1 and up.
inline constexpr std::uint32_t first_range_base = 0x70000000;
inline constexpr std::uint32_t range_count = 4095;  // the last one ends below 2^31 - 1

constexpr std::uint32_t range_base(std::uint32_t number) {
  return first_range_base + number * ids_per_range;
}

// A fresh namespace in which user and group ids 0..65535 are base..base+65535 outside. Needs CAP_SETUID over ours.
// It lives as long as the descriptor, a mount mapped by it, or a process in it. Thread-safe. Errors: io.
Result<Descriptor> make_user_namespace(std::uint32_t base);

}  // namespace berth::kernel
