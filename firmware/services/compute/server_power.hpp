// Start, shutdown, restart, power off, pause, resume.
#pragma once

#include <boost/describe.hpp>

#include "firmware/services/call.hpp"
#include "firmware/services/compute/server_view.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

enum class PowerAct { start, shutdown, restart, power_off, pause, resume };
BOOST_DESCRIBE_ENUM(PowerAct, start, shutdown, restart, power_off, pause, resume)

// Records the wish and enqueues the job. Errors: conflict ("job-under-way", "server-not-running", "server-paused",
// "server-not-built").
Result<JobId> power(Call& call, Granted<store::Server> const& server, PowerAct act);

// Whether a power job that ended may be tried again: as if its button were pressed now. Any other job: always.
// Errors: as power().
Result<void> check_power_again(store::Transaction& tx, store::Job const& job);

// Pure: why a server in this state cannot be asked for this act; nothing when it can. What is so already is no error.
std::optional<Error> why_not_power(ServerState state, PowerAct act);
// Why nothing can be asked of the guest of such a server: there is none yet, or none any more.
std::optional<Error> why_not_built(ServerState state);
store::WantedState wanted_after(PowerAct act);

}  // namespace berth::compute
