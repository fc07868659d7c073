#include "firmware/store/idempotency_store.hpp"

#include "firmware/store/query.hpp"

namespace berth::store {

Result<std::optional<IdempotentAnswer>> IdempotencyStore::find(std::string_view caller, std::string_view route,
                                                               std::string_view key) const {
  Query q(*scope_,
          "SELECT body_sha256, status, location, body, created_ms FROM idempotency WHERE caller = ? AND route = ? AND "
          "key = ?");
  q << caller << route << key;
  if (!TRY(q.step())) return std::nullopt;
  IdempotentAnswer answer;
  answer.body_sha256 = q.text();
  answer.status = static_cast<int>(q.integer());
  answer.location = q.text();
  answer.body = q.text();
  answer.created_at = q.moment();
  return answer;
}

Result<bool> IdempotencyStore::claim(std::string_view caller, std::string_view route, std::string_view key,
                                     std::string_view body_sha256) {
  Query q(*scope_,
          "INSERT INTO idempotency (caller, route, key, body_sha256, created_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO "
          "NOTHING");
  q << caller << route << key << body_sha256 << scope_->author.now;
  return TRY(q.run()) == 1;
}

Result<void> IdempotencyStore::answer(std::string_view caller, std::string_view route, std::string_view key, int status,
                                      std::string_view location, std::string_view body) {
  Query q(*scope_,
          "UPDATE idempotency SET status = ?, location = ?, body = ? WHERE caller = ? AND route = ? AND key = ?");
  q << status << location << body << caller << route << key;
  TRY(q.run());
  return {};
}

Result<void> IdempotencyStore::release(std::string_view caller, std::string_view route, std::string_view key) {
  Query q(*scope_, "DELETE FROM idempotency WHERE caller = ? AND route = ? AND key = ?");
  q << caller << route << key;
  TRY(q.run());
  return {};
}

Result<std::int64_t> IdempotencyStore::remove_older(Moment before, std::int64_t limit) {
  Query q(*scope_,
          "DELETE FROM idempotency WHERE (caller, route, key) IN "
          "(SELECT caller, route, key FROM idempotency WHERE created_ms < ? ORDER BY created_ms LIMIT ?)");
  q << before << limit;
  return q.run();
}

Result<std::int64_t> IdempotencyStore::remove_unanswered() {
  Query q(*scope_, "DELETE FROM idempotency WHERE status = 0");
  return q.run();
}

}  // namespace berth::store
