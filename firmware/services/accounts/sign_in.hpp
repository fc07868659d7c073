// Name and password for a session.
#pragma once

#include <string_view>

#include "firmware/services/accounts/doorkeeper.hpp"
#include "firmware/services/accounts/sessions.hpp"

namespace berth::accounts {

struct Entry {
  store::User user;
  NewSession session;
};

// The same time and the same words whether the name is unknown, the password wrong or the user disabled. Errors:
// unauthenticated ("wrong-credentials"), rate_limited, unavailable.
Result<Entry> sign_in(Call& call, Doorkeeper& doorkeeper, std::string_view name, std::string_view password,
                      Client const& client);

}  // namespace berth::accounts
