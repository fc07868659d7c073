// Changing one's own password and giving somebody a new one. Both end that person's other sessions.
#pragma once

#include <string>
#include <string_view>

#include "firmware/services/accounts/doorkeeper.hpp"
#include "firmware/services/call.hpp"

namespace berth::accounts {

using services::Call;
using services::Granted;

// The caller's session stays. Errors: forbidden ("wrong-password"), invalid_argument (/new_password), rate_limited, unavailable.
Result<void> change_password(Call& call, Doorkeeper& doorkeeper, std::string_view current, std::string_view wanted);

// A random password, told once; every session of the user ends. Errors: unavailable.
Result<std::string> reset_password(Call& call, Doorkeeper& doorkeeper, Granted<store::User> const& user);

}  // namespace berth::accounts
