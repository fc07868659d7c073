// Randomness and digests from libsodium. All thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace berth {

void fill_random(std::span<unsigned char> out);
// `bytes` random bytes as URL-safe base64 without padding: tokens, tickets, session secrets.
std::string random_token(std::size_t bytes);
std::string hex(std::span<unsigned char const> bytes);
// SHA-256 of `text`, lower-case hex. For indexes of secrets (tokens are stored as this), never for passwords.
std::string sha256_hex(std::string_view text);
// Same time whatever the content; false when the lengths differ.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace berth
