#include "firmware/store/session_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

#define BERTH_SESSION_COLUMNS \
  "id, user_id, token_sha256, csrf_sha256, created_ms, last_seen_ms, idle_until_ms, expires_ms, address, user_agent"

Session read(Query& q) {
  Session session;
  session.id = q.id<SessionId>();
  session.user = q.id<UserId>();
  session.token_sha256 = q.text();
  session.csrf_sha256 = q.text();
  session.created_at = q.moment();
  session.last_seen_at = q.moment();
  session.idle_until = q.moment();
  session.expires_at = q.moment();
  session.address = q.text();
  session.user_agent = q.text();
  return session;
}

}  // namespace

Result<Session> SessionStore::find_by_token(std::string_view token_sha256) const {
  Query q(*scope_, "SELECT " BERTH_SESSION_COLUMNS " FROM sessions WHERE token_sha256 = ?");
  q << token_sha256;
  if (!TRY(q.step())) return no_such("session");
  return read(q);
}

Result<Session> SessionStore::get(SessionId const& id) const {
  Query q(*scope_, "SELECT " BERTH_SESSION_COLUMNS " FROM sessions WHERE id = ?");
  q << id;
  if (!TRY(q.step())) return no_such("session");
  return read(q);
}

Result<std::vector<Session>> SessionStore::of_user(UserId const& user) const {
  Query q(*scope_, "SELECT " BERTH_SESSION_COLUMNS " FROM sessions WHERE user_id = ? ORDER BY id");
  q << user;
  std::vector<Session> sessions;
  while (TRY(q.step())) sessions.push_back(read(q));
  return sessions;
}

Result<void> SessionStore::add(Session const& s) {
  Query q(*scope_, "INSERT INTO sessions (" BERTH_SESSION_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q << s.id << s.user << s.token_sha256 << s.csrf_sha256 << s.created_at << s.last_seen_at << s.idle_until
    << s.expires_at << s.address << s.user_agent;
  TRY(q.run());
  return {};
}

Result<void> SessionStore::touch(SessionId const& id, Moment seen, Moment idle_until) {
  Query q(*scope_, "UPDATE sessions SET last_seen_ms = ?, idle_until_ms = ? WHERE id = ?");
  q << seen << idle_until << id;
  TRY(q.run());
  return {};
}

Result<void> SessionStore::set_csrf(SessionId const& id, std::string_view csrf_sha256) {
  Query q(*scope_, "UPDATE sessions SET csrf_sha256 = ? WHERE id = ?");
  q << csrf_sha256 << id;
  TRY(q.run());
  return {};
}

Result<void> SessionStore::remove(SessionId const& id, UserId const& owner) {
  Query q(*scope_, "DELETE FROM sessions WHERE id = ? AND user_id = ?");
  q << id << owner;
  TRY(q.run());
  return {};
}

Result<std::int64_t> SessionStore::remove_of_user(UserId const& user, std::optional<SessionId> const& except) {
  Query q(*scope_, "DELETE FROM sessions WHERE user_id = ?1 AND (?2 IS NULL OR id <> ?2)");
  q << user << except;
  return q.run();
}

Result<std::int64_t> SessionStore::remove_expired(Moment now) {
  Query q(*scope_, "DELETE FROM sessions WHERE idle_until_ms <= ?1 OR expires_ms <= ?1");
  q << now;
  return q.run();
}

}  // namespace berth::store
