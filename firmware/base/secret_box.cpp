#include "firmware/base/secret_box.hpp"

#include <sodium.h>

#include <algorithm>
#include <span>
#include <vector>

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"

namespace berth {
namespace {

constexpr unsigned char version = 1;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr int text_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

unsigned char const* bytes_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

std::unexpected<Error> not_ours() {
  return fail(ErrorCode::corrupt, "secret-not-ours", "A sealed secret does not open with this machine's master key.");
}

}  // namespace

Result<SecretBox> SecretBox::from_file(std::filesystem::path const& file) {
  auto text = TRY(read_file(file, master_bytes + 1));
  Key key;
  if (text.size() != key.size())
    return fail(ErrorCode::corrupt, "master-key-damaged",
                "The master key in " + file.string() + " has another length.");
  std::ranges::copy(text, key.begin());
  sodium_memzero(text.data(), text.size());
  SecretBox box(key);
  sodium_memzero(key.data(), key.size());
  return box;
}

Result<SecretBox> SecretBox::from_own_file(std::filesystem::path const& file) {
  if (std::error_code error; !std::filesystem::exists(file, error)) {
    std::string key(master_bytes, '\0');
    fill_random({reinterpret_cast<unsigned char*>(key.data()), key.size()});
    TRY(replace_file(file, key, 0600));
    sodium_memzero(key.data(), key.size());
  }
  return from_file(file);
}

SecretBox::SecretBox(SecretBox&& other) noexcept : master_(other.master_) {
  sodium_memzero(other.master_.data(), other.master_.size());
}

SecretBox::~SecretBox() {
  sodium_memzero(master_.data(), master_.size());
}

SecretBox::Key SecretBox::owner_key(std::string_view owner) const {
  Key key;
  crypto_generichash(key.data(), key.size(), bytes_of(owner), owner.size(), master_.data(), master_.size());
  return key;
}

std::string SecretBox::seal(std::string_view owner, std::string_view purpose, std::string_view secret) const {
  std::vector<unsigned char> sealed(1 + nonce_bytes + secret.size() + tag_bytes);
  sealed[0] = version;
  fill_random(std::span(sealed).subspan(1, nonce_bytes));
  auto key = owner_key(owner);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + 1 + nonce_bytes, nullptr, bytes_of(secret), secret.size(),
                                             bytes_of(purpose), purpose.size(), nullptr, sealed.data() + 1, key.data());
  sodium_memzero(key.data(), key.size());
  std::string text(sodium_base64_encoded_len(sealed.size(), text_variant), '\0');
  sodium_bin2base64(text.data(), text.size(), sealed.data(), sealed.size(), text_variant);
  text.pop_back();  // the encoded length counts the terminating NUL
  return text;
}

Result<std::string> SecretBox::open(std::string_view owner, std::string_view purpose, std::string_view sealed) const {
  std::vector<unsigned char> bytes(sealed.size());
  std::size_t size = 0;
  char const* end = nullptr;
  if (sodium_base642bin(bytes.data(), bytes.size(), sealed.data(), sealed.size(), nullptr, &size, &end, text_variant) !=
          0 ||
      end != sealed.data() + sealed.size() || size < 1 + nonce_bytes + tag_bytes || bytes[0] != version)
    return not_ours();
  std::string secret(size - 1 - nonce_bytes - tag_bytes, '\0');
  auto key = owner_key(owner);
  int const opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr, bytes.data() + 1 + nonce_bytes,
      size - 1 - nonce_bytes, bytes_of(purpose), purpose.size(), bytes.data() + 1, key.data());
  sodium_memzero(key.data(), key.size());
  if (opened != 0) return not_ours();
  return secret;
}

}  // namespace berth
