// What a type's bounds cannot say: the form of ids and addresses, and how fields fit together. Pure.
// Both the varlink server and every Engine check what they are given: neither relies on the other.
// Each returns Error{invalid_argument, "invalid-field"} with a JSON pointer per bad field.
#pragma once

#include <cstdint>
#include <optional>

#include "drivers/contract/types.hpp"

namespace berth::contract {

// Host byte order. Four decimal parts of 0..255 without leading zeros.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

Result<void> check(GuestId const& guest);
Result<void> check_image_name(ImageName const& image);
Result<void> check(ImportImage const& wish);
Result<void> check(CreateDisk const& wish);
Result<void> check(NetworkSpec const& network);
Result<void> check(NicSpec const& nic);
Result<void> check(GuestSpec const& spec);
Result<void> check(StopGuest const& wish);

}  // namespace berth::contract
