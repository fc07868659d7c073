#pragma once

#include <string_view>

#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

// Errors: invalid_argument (/name), conflict ("server-name-taken"), precondition_failed (somebody edited it meanwhile).
Result<store::Server> rename_server(Call& call, Granted<store::Server> const& server, std::string_view name,
                                    std::int64_t expected_version);

}  // namespace berth::compute
