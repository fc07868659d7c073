// Deleting a server and everything of it.
#pragma once

#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

// Idempotent: a deletion under way is returned. Errors: conflict ("job-under-way").
Result<JobId> delete_server(Call& call, Granted<store::Server> const& server);

}  // namespace berth::compute
