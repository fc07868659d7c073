#include "firmware/services/compute/password_crypt.hpp"

#include <crypt.h>
#include <sodium.h>

#include <array>
#include <memory>

namespace berth::compute {

Result<std::string> crypt_password(std::string_view password) {
  auto refused = [] { return fail(ErrorCode::internal, "password-not-hashed", "The password could not be hashed."); };
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  if (crypt_gensalt_rn("$6$", 0, nullptr, 0, salt.data(), static_cast<int>(salt.size())) == nullptr) return refused();
  std::string plain(password);
  auto state = std::make_unique<crypt_data>();
  char const* hash = crypt_rn(plain.c_str(), salt.data(), state.get(), static_cast<int>(sizeof(crypt_data)));
  auto result = hash == nullptr ? Result<std::string>(refused()) : Result<std::string>(hash);
  sodium_memzero(plain.data(), plain.size());
  sodium_memzero(state.get(), sizeof(crypt_data));
  return result;
}

}  // namespace berth::compute
