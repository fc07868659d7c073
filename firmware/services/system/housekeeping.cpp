#include "firmware/services/system/housekeeping.hpp"

namespace berth::services {
namespace {

constexpr std::int64_t rows_per_run = 1000;

}  // namespace

Result<void> remove_expired(Call& call, Granted<access::System> const&) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.tickets.remove_expired(call.now));
    TRY(tx.sessions.remove_expired(call.now));
    TRY(tx.idempotency.remove_older(call.now - call.settings.idempotency_kept, rows_per_run));
    return {};
  });
}

Result<void> remove_old_jobs(Call& call, Granted<access::System> const&) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.jobs.remove_finished(call.now - call.settings.jobs_kept, rows_per_run));
    return {};
  });
}

Result<void> remove_old_events(Call& call, Granted<access::System> const&) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.events.remove_older(call.now - call.settings.events_kept, rows_per_run));
    return {};
  });
}

Result<void> keep_good_copy(Call& call, Granted<access::System> const&) {
  constexpr auto age_max = std::chrono::hours(24);
  auto const last = call.store.good_copy_at();
  // A copy from the future (the clock was turned back) is as good as none.
  if (last && *last <= call.now + std::chrono::minutes(1) && call.now - *last < age_max) return {};
  return call.store.save_good_copy();
}

}  // namespace berth::services
