// Looking at jobs, stopping them, trying them again.
#pragma once

#include <vector>

#include "firmware/services/call.hpp"

namespace berth::services {

struct JobView {
  store::Job job;
  int progress = 0;  // 0 to 100
  bool can_cancel = false;
  bool can_retry = false;
};

// Pure.
JobView view_of(store::Job job);

// Newest first. Errors: invalid_argument ("?limit", "?cursor").
Result<store::Page<JobView>> list_jobs(Call& call, Granted<access::Reach> const& reach, store::JobFilter const& filter,
                                       store::PageWish const& page);
Result<std::vector<store::JobLogLine>> job_log(Call& call, Granted<store::Job> const& job, std::int64_t after);
// Takes effect between two steps; what was done is then undone. Idempotent. Errors: conflict ("job-not-cancellable").
Result<void> cancel_job(Call& call, Granted<store::Job> const& job);
// The same job from its first step, as a new attempt; a creation that gave its address back gets one again. Errors:
// conflict ("job-not-retryable", "job-under-way"), exhausted ("pool-empty").
Result<void> retry_job(Call& call, Granted<store::Job> const& job);

}  // namespace berth::services
