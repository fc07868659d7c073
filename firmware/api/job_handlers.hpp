// Jobs: decode, call, encode.
#pragma once

#include "firmware/api/answers.hpp"
#include "firmware/api/arguments.hpp"
#include "firmware/api/job_requests.hpp"

namespace berth::api {

// The job as it is now, for whoever answers 202. Errors: not_found.
Result<Accepted> accepted(Call& call, JobId const& job);

store::PageWish page_wish(std::optional<Number<1, 100>> const& limit, std::optional<Text<1, 200>> const& cursor);

Result<view::JobList> list_jobs(Call& call, Granted<access::Reach> const& reach, Query<ListJobs> const& query);
Result<view::Job> show_job(Call& call, Granted<store::Job> const& job);
Result<view::JobLog> show_job_log(Call& call, Granted<store::Job> const& job, Query<ReadJobLog> const& query);
Result<Accepted> cancel_job(Call& call, Granted<store::Job> const& job);
Result<Accepted> retry_job(Call& call, Granted<store::Job> const& job);

}  // namespace berth::api
