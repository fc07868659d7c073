// After the machine started anew, the servers that should run are started, once for each boot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

// Pure: whether this server is to be started when the machine came up and the engine sees it as `seen`.
bool restores(store::Server const& server, contract::GuestState seen);

// Enqueues the starts and remembers the boot, in one transaction: a second call for the same boot does nothing. The
// first boot ever (nothing remembered) starts what should run, too. Returns how many servers are being started.
Result<int> restore_power_after_boot(Call& call, Granted<access::System> const& system, std::string_view boot_id,
                                     std::vector<contract::GuestStatus> const& guests);

}  // namespace berth::compute
