#include "firmware/base/ipv4.hpp"

#include <format>

namespace berth {

std::string ipv4_text(std::uint32_t a) {
  return std::format("{}.{}.{}.{}", a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255);
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    auto const dot = text.find('.');
    auto const digits = text.substr(0, dot);
    if ((dot == std::string_view::npos) != (part == 3)) return std::nullopt;
    // "010" is eight for some and ten for others: refused.
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    std::uint32_t value = 0;
    for (char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (value > 255) return std::nullopt;
    address = address << 8 | value;
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return address;
}

}  // namespace berth
