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
