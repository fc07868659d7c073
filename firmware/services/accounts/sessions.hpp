// Signed-in browsers: a random token in a cookie, its SHA-256 in the database.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/services/accounts/client.hpp"
#include "firmware/services/call.hpp"

namespace berth::accounts {

using services::Call;
using services::Granted;

inline constexpr std::chrono::hours session_idle_max{12};
inline constexpr std::chrono::hours session_age_max{24 * 7};
// How stale last_seen_at may be: a request within this time of the last one writes nothing.
inline constexpr std::chrono::seconds session_touch_every{60};

struct NewSession {
  std::string token;  // for the cookie; kept nowhere else
  std::string csrf_token;
};

// Who a token stands for. Errors: unauthenticated ("session-ended") when it is unknown, too old, or its user disabled.
struct Authenticated {
  access::Actor actor;
  std::string csrf_token;
};
Result<Authenticated> authenticate(store::Store& store, std::string_view token, Moment now);

// Bound to the token by HMAC-SHA-256, so that it needs no storage and dies with the session.
std::string csrf_token_of(std::string_view token);

// A fresh session in the caller's transaction; the one that the client came with ends (no session is ever carried over a
// sign-in, so a planted cookie is worth nothing).
Result<NewSession> open_session(store::Transaction& tx, store::User const& user, Client const& client);

// Who a session stands for, with the rights it gives now: for what stays open (event streams, consoles). Errors:
// unauthenticated when the session is gone.
Result<access::Actor> actor_of_session(store::Store& store, SessionId const& session, Moment now);
// The same for whoever opened it; the local administrator has no session and stays.
Result<access::Actor> renew(store::Store& store, access::Actor const& actor, Moment now);

Result<std::vector<store::Session>> list_sessions(Call& call);
// One of the caller's own. Errors: not_found.
Result<void> revoke_session(Call& call, SessionId const& session);
// The caller's own, now. Errors: conflict over the local socket, which has none.
Result<void> sign_out(Call& call);

}  // namespace berth::accounts
