// Secrets at rest: sealed with a key of their owner's, which is made from the machine's master key.
//
// The master key comes from the service manager (systemd.exec(5), LoadCredential=) and is in no file of the panel: a copy
// of the database, a backup or a support bundle holds sealed texts only. libsodium: XChaCha20-Poly1305 (RFC 8439 with a nonce of
// 192 bits, drawn at random), keyed BLAKE2b (RFC 7693) for the owners' keys.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth {

// Thread-safe; its keys are wiped from memory with it.
class SecretBox {
 public:
  static constexpr std::size_t master_bytes = 32;

  // `file` holds exactly the master key. Errors: io; corrupt (another length).
  static Result<SecretBox> from_file(std::filesystem::path const& file);
  // The same, after making the file (0600) when it is absent: where no service manager keeps the key.
  static Result<SecretBox> from_own_file(std::filesystem::path const& file);

  SecretBox(SecretBox&& other) noexcept;
  SecretBox& operator=(SecretBox&&) = delete;
  ~SecretBox();

  // `owner`: whose secret it is (a tenant's id; empty: the panel's own). `purpose`: what it is for; a text that was sealed for
  // another owner or purpose does not open. URL-safe base64, one version byte first.
  std::string seal(std::string_view owner, std::string_view purpose, std::string_view secret) const;
  // Errors: corrupt (not sealed by this key, for this owner and purpose; or changed since).
  Result<std::string> open(std::string_view owner, std::string_view purpose, std::string_view sealed) const;

 private:
  using Key = std::array<unsigned char, master_bytes>;
  explicit SecretBox(Key const& master) : master_(master) {}
  Key owner_key(std::string_view owner) const;
  Key master_;
};

}  // namespace berth
