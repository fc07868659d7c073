#include "firmware/store/event_store.hpp"

#include <algorithm>

#include "firmware/store/query.hpp"

namespace berth::store {

Result<std::vector<Event>> EventStore::after(std::int64_t after, std::size_t limit,
                                             EventAudience const& audience) const {
  Query q(*scope_,
          "SELECT seq, type, at_ms, actor, subject, tenant_id, user_id, server_id, job_id, text FROM events "
          "WHERE seq > ?1 AND (?2 OR tenant_id IN (SELECT value FROM json_each(?3)) OR user_id = ?4) ORDER BY seq "
          "LIMIT ?5");
  q << after << audience.tenants.all() << audience.tenants.json() << audience.user << limit;
  std::vector<Event> events;
  while (TRY(q.step())) {
    Event event;
    event.seq = q.integer();
    event.type = q.text();
    event.at = q.moment();
    event.actor = q.text();
    event.subject.id = q.text();
    event.subject.tenant = q.optional(&Query::id<TenantId>);
    event.subject.user = q.optional(&Query::id<UserId>);
    event.subject.server = q.optional(&Query::id<ServerId>);
    event.subject.job = q.optional(&Query::id<JobId>);
    event.text = q.text();
    events.push_back(std::move(event));
  }
  return events;
}

Result<std::int64_t> EventStore::last_seq() const {
  Query q(*scope_, "SELECT coalesce(max(seq), 0) FROM events");
  TRY(q.step());
  return q.integer();
}

Result<std::int64_t> EventStore::first_seq() const {
  Query q(*scope_, "SELECT coalesce(min(seq), 0) FROM events");
  TRY(q.step());
  return q.integer();
}

Result<std::int64_t> EventStore::remove_older(Moment than, std::int64_t limit) {
  // The first one to stay: not older, the last of all, or the first beyond the limit.
  Query first(
      *scope_,
      "SELECT min(seq) FROM (SELECT seq FROM (SELECT seq, at_ms FROM events ORDER BY seq LIMIT ?1) WHERE at_ms >= "
      "?2 UNION ALL SELECT seq FROM (SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET ?1) UNION ALL SELECT "
      "max(seq) FROM events)");
  first << limit << than;
  TRY(first.step());
  if (first.is_null()) return 0;
  Query q(*scope_, "DELETE FROM events WHERE seq < ?");
  q << first.integer();
  return q.run();
}

Result<void> EventStore::append(std::string_view type, EventSubject const& subject, std::string_view text) {
  Query q(*scope_,
          "INSERT INTO events (type, at_ms, actor, node_id, subject, tenant_id, user_id, server_id, job_id, text) "
          "VALUES (?, ?, ?, (SELECT id FROM nodes ORDER BY id LIMIT 1), ?, ?, ?, ?, ?, ?) RETURNING seq");
  q << type << scope_->author.now << scope_->author.actor << subject.id << subject.tenant << subject.user
    << subject.server << subject.job << text;
  while (TRY(q.step())) scope_->committed.last_event = std::max(scope_->committed.last_event, q.integer());
  return {};
}

}  // namespace berth::store
