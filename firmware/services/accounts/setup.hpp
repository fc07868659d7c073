// The first start: a code that only who sees the machine's console knows makes the first administrator.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/language.hpp"
#include "firmware/services/accounts/doorkeeper.hpp"
#include "firmware/services/accounts/sign_in.hpp"

namespace berth::accounts {

// Whether nobody can sign in yet.
Result<bool> setup_needed(store::Store& store);

// A new code "XXXX-XXXX-XXXX" (60 random bits in Crockford's base 32); the former one is worth nothing from now on.
// Errors: conflict ("already-set-up").
Result<std::string> issue_setup_code(Call& call);

struct FirstUser {
  std::string code;
  std::string name;
  std::string password;
  std::optional<std::string> email;
  std::optional<Language> language;  // becomes the installation's
};
// Makes the first administrator and signs him in; the code is used up. Errors: conflict ("already-set-up"), forbidden
// ("wrong-setup-code"), invalid_argument (/password), rate_limited, unavailable.
Result<Entry> set_up(Call& call, Doorkeeper& doorkeeper, FirstUser const& wish, Client const& client);

// "abcd efgh-ijk1" -> "ABCDEFGH1JK1": what people mix up when they type. Pure.
std::string normalized_setup_code(std::string_view typed);

}  // namespace berth::accounts
