// Signed-in browsers. The token itself is never stored, only its SHA-256.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct Session {
  SessionId id;
  UserId user;
  std::string token_sha256;
  std::string csrf_sha256;
  Moment created_at;
  Moment last_seen_at;
  Moment idle_until;  // moves with use
  Moment expires_at;  // never moves
  std::string address;
  std::string user_agent;
};

class SessionStore {
 public:
  explicit SessionStore(TransactionScope& scope) : scope_(&scope) {}
  Result<Session> find_by_token(std::string_view token_sha256) const;  // Errors: not_found. Says nothing about expiry
  Result<Session> get(SessionId const& id) const;                      // Errors: not_found
  Result<std::vector<Session>> of_user(UserId const& user) const;

  Result<void> add(Session const& session);
  Result<void> touch(SessionId const& id, Moment seen, Moment idle_until);
  // A new CSRF token for the same session.
  Result<void> set_csrf(SessionId const& id, std::string_view csrf_sha256);
  Result<void> remove(SessionId const& id, UserId const& owner);  // Absent is success
  Result<std::int64_t> remove_of_user(UserId const& user, std::optional<SessionId> const& except);
  Result<std::int64_t> remove_expired(Moment now);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
