// Quantities that carry their unit in their type.
#pragma once

#include <compare>
#include <cstdint>

namespace berth {

struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(Bytes const&) const = default;
};

inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;

}  // namespace berth
