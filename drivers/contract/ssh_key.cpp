#include "drivers/contract/ssh_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace berth::contract {
namespace {

constexpr std::array<std::string_view, 7> types{"ssh-ed25519",
                                                "ssh-rsa",
                                                "ecdsa-sha2-nistp256",
                                                "ecdsa-sha2-nistp384",
                                                "ecdsa-sha2-nistp521",
                                                "sk-ssh-ed25519@openssh.com",
                                                "sk-ecdsa-sha2-nistp256@openssh.com"};

// RFC 4648, padded.
std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int have = 0;
  for (char const c : text) {
    auto const value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    have += 6;
    if (have >= 8) {
      have -= 8;
      bytes.push_back(static_cast<char>(bits >> have & 0xff));
    }
  }
  return bytes;
}

}  // namespace

bool is_ssh_public_key(std::string_view line) {
  if (!std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; }))
    return false;
  auto const blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  auto const type = line.substr(0, blank);
  if (std::ranges::find(types, type) == types.end()) return false;
  auto const key = line.substr(blank + 1);
  auto const bytes = decoded(key.substr(0, key.find(' ')));
  if (!bytes) return false;
  std::string begin{'\0', '\0', '\0', static_cast<char>(type.size())};
  begin += type;
  return bytes->starts_with(begin) && bytes->size() > begin.size() + 4;
}

}  // namespace berth::contract
