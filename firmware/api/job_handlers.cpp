#include "firmware/api/job_handlers.hpp"

#include "firmware/services/system/job_control.hpp"

namespace berth::api {
namespace {

view::JobList list_of(store::Page<services::JobView> const& page) {
  view::JobList list;
  for (auto const& job : page.items) list.items.push_back(view::of(job));
  if (!page.next_cursor.empty()) list.next_cursor = page.next_cursor;
  return list;
}

}  // namespace

store::PageWish page_wish(std::optional<Number<1, 100>> const& limit, std::optional<Text<1, 200>> const& cursor) {
  store::PageWish wish;
  if (limit) wish.limit = static_cast<std::size_t>(limit->value);
  if (cursor) wish.after = cursor->str();
  return wish;
}

Result<Accepted> accepted(Call& call, JobId const& id) {
  auto const job = TRY(access::grant_job(call, id, access::Permission::job_view));
  return Accepted{view::of(services::view_of(*job)), std::nullopt};
}

Result<view::JobList> list_jobs(Call& call, Granted<access::Reach> const& reach, Query<ListJobs> const& query) {
  store::JobFilter filter;
  filter.state = query->state;
  filter.server = query->server;
  return list_of(TRY(services::list_jobs(call, reach, filter, page_wish(query->limit, query->cursor))));
}

Result<view::Job> show_job(Call&, Granted<store::Job> const& job) {
  return view::of(services::view_of(*job));
}

Result<view::JobLog> show_job_log(Call& call, Granted<store::Job> const& job, Query<ReadJobLog> const& query) {
  view::JobLog log;
  for (auto const& line : TRY(services::job_log(call, job, query->after ? query->after->value : 0)))
    log.lines.push_back({line.seq, line.at, line.text});
  return log;
}

Result<Accepted> cancel_job(Call& call, Granted<store::Job> const& job) {
  TRY(services::cancel_job(call, job));
  return accepted(call, job.id());
}

Result<Accepted> retry_job(Call& call, Granted<store::Job> const& job) {
  TRY(services::retry_job(call, job));
  return accepted(call, job.id());
}

}  // namespace berth::api
