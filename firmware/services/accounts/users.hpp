// Everybody who can sign in.
#pragma once

#include <vector>

#include "firmware/services/call.hpp"

namespace berth::accounts {

Result<std::vector<store::User>> list_users(services::Call& call, services::Granted<access::System> const& system);

}  // namespace berth::accounts
