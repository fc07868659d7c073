#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

#include "firmware/services/compute/server_creation.hpp"

namespace berth::compute {
namespace {

constexpr std::array<std::string_view, 7> key_types{"ssh-ed25519",
                                                    "ssh-rsa",
                                                    "ecdsa-sha2-nistp256",
                                                    "ecdsa-sha2-nistp384",
                                                    "ecdsa-sha2-nistp521",
                                                    "sk-ssh-ed25519@openssh.com",
                                                    "sk-ecdsa-sha2-nistp256@openssh.com"};

}  // namespace

// RFC 4253 section 6.6: the blob begins with the type as a length-prefixed string.
bool is_ssh_public_key(std::string_view text) {
  auto const blank = text.find(' ');
  if (blank == std::string_view::npos) return false;
  auto const type = text.substr(0, blank);
  auto const rest = text.substr(blank + 1);
  auto const encoded = rest.substr(0, rest.find(' '));
  if (!std::ranges::contains(key_types, type)) return false;
  std::vector<unsigned char> blob(encoded.size());
  std::size_t size = 0;
  char const* end = nullptr;
  if (sodium_base642bin(blob.data(), blob.size(), encoded.data(), encoded.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != encoded.data() + encoded.size())
    return false;
  if (size < 4 + type.size() + 16) return false;  // no key is that short
  auto const named =
      std::size_t{blob[0]} << 24 | std::size_t{blob[1]} << 16 | std::size_t{blob[2]} << 8 | std::size_t{blob[3]};
  return named == type.size() && std::equal(type.begin(), type.end(), blob.begin() + 4,
                                            [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
}

}  // namespace berth::compute
