// What goes by itself after its time. Each is bounded: what is left goes at the next run.
#pragma once

#include "firmware/services/call.hpp"

namespace berth::services {

// Console tickets and sessions that are over, idempotency keys older than Settings::idempotency_kept.
Result<void> remove_expired(Call& call, Granted<access::System> const& system);
// Finished jobs older than Settings::jobs_kept.
Result<void> remove_old_jobs(Call& call, Granted<access::System> const& system);
// Events older than Settings::events_kept. A stream that asks for one of them is told so (api/event_handlers.hpp).
Result<void> remove_old_events(Call& call, Granted<access::System> const& system);
// Copies the database when the last good copy is older than a day.
Result<void> keep_good_copy(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
