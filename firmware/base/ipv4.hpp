// IPv4 addresses as numbers in host byte order, and as dotted quads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

std::string ipv4_text(std::uint32_t address);
// Exactly four decimal parts without leading zeros; nothing for anything else.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

}  // namespace berth
