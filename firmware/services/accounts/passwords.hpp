// Password hashing and the rule of what may be a password.
#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth::accounts {

// Argon2id (RFC 9106) with 19 MiB and two passes: the OWASP password storage cheat sheet's first equivalent. The memory is
// taken for one call and given back, and at most two calls run at a time, so that a flood of sign-ins cannot eat the machine.
// Thread-safe.
class PasswordHasher {
 public:
  // The PHC string "$argon2id$v=19$...". Errors: unavailable when too many wait.
  Result<std::string> hash(std::string_view password);
  // Whether `password` made `phc`. An empty phc ("no such user") takes the same time and is false. Errors: unavailable.
  Result<bool> verify(std::string const& phc, std::string_view password);

 private:
  static constexpr int concurrent_max = 2;
  std::counting_semaphore<concurrent_max> slots_{concurrent_max};
};

// Verified in the place of an unknown user's hash: the same cost, and no password is ever right against it.
inline constexpr char decoy_hash[] =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

inline constexpr std::size_t password_bytes_min = 10;

// Why `password` may not be the password of the user called `name`: the rule it breaks, or nothing when it may.
// NIST SP 800-63B section 3.1.1.2: length counts, composition rules do not, well-known passwords are refused.
std::optional<Complaint> why_not_password(std::string_view password, std::string_view name);

}  // namespace berth::accounts
