// What the engine saw becomes what the panel knows: states, counters, drift, strays.
#pragma once

#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

// Pure: what the server is and should not be, for a person; "" when it is as the panel made it. `busy`: a job is at
// work on it.
std::string drift_of(store::Server const& server, store::ObservedState seen, bool busy);

// What is recorded here is seen again after a power cut, so nothing waits for the disk.

// Records one look at all guests of this machine, in one transaction, with an event for each change. Strays (guests
// that no server has) are told once for each time they appear. The call was made (Call::now) before the engine was
// asked.
Result<void> record_guests(Call& call, Granted<access::System> const& system,
                           std::vector<contract::GuestStatus> const& guests);
// Records one look at one guest. A stray is left to record_guests(). The call was made before the engine was asked.
Result<void> record_guest(Call& call, Granted<access::System> const& system, contract::GuestStatus const& guest);
// The engine described the machine.
Result<void> record_host(Call& call, Granted<access::System> const& system, contract::HostFacts const& facts);
// It did not answer. After Settings::engine_silence its guests' states are unknown.
Result<void> record_silence(Call& call, Granted<access::System> const& system, Error const& error);

}  // namespace berth::compute
