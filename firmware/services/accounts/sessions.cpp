#include "firmware/services/accounts/sessions.hpp"

#include <sodium.h>

#include <array>
#include <span>

#include "firmware/base/random.hpp"
#include "firmware/events/event.hpp"

namespace berth::accounts {
namespace {

std::unexpected<Error> session_ended() {
  return fail(ErrorCode::unauthenticated, "session-ended", "You are not signed in, or your session has ended.");
}

bool is_over(store::Session const& session, Moment now) {
  return now >= session.idle_until || now >= session.expires_at;
}

struct Owner {
  store::User user;
  std::vector<store::Membership> memberships;
};

Result<Owner> owner_of(store::Snapshot& snapshot, store::Session const& session, Moment now) {
  if (is_over(session, now)) return session_ended();
  auto user = TRY(snapshot.users.get(session.user));
  if (user.disabled) return session_ended();
  auto memberships = TRY(snapshot.tenants.memberships(user.id));
  return Owner{std::move(user), std::move(memberships)};
}

// What is not there (any more) ended; what could not be read is another matter.
std::unexpected<Error> ended_or(Error error) {
  if (error.code == ErrorCode::not_found) return session_ended();
  return std::unexpected(std::move(error));
}

}  // namespace

std::string csrf_token_of(std::string_view token) {
  std::array<unsigned char, crypto_auth_hmacsha256_KEYBYTES> key{};
  crypto_hash_sha256(key.data(), reinterpret_cast<unsigned char const*>(token.data()), token.size());
  constexpr std::string_view purpose = "berth csrf 1";
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<unsigned char const*>(purpose.data()), purpose.size(),
                         key.data());
  return hex(mac);
}

Result<Authenticated> authenticate(store::Store& store, std::string_view token, Moment now) {
  std::optional<store::Session> stale;
  auto known = store.read([&](store::Snapshot& snapshot) -> Result<access::Actor> {
    auto session = TRY(snapshot.sessions.find_by_token(sha256_hex(token)));
    auto owner = TRY(owner_of(snapshot, session, now));
    auto actor = access::Actor::user(owner.user, std::move(owner.memberships), session.id);
    // A clock that was set back must not keep a session from being touched again.
    auto const age = now - session.last_seen_at;
    if (age >= session_touch_every || age <= -session_touch_every) stale = std::move(session);
    return actor;
  });
  if (!known) return ended_or(std::move(known).error());
  if (stale) {
    // Losing this to a power cut costs a minute of idle time, so it does not wait for the disk.
    TRY(store.write(
        store::Author{known->name(), now},
        [&](store::Transaction& tx) { return tx.sessions.touch(stale->id, now, now + session_idle_max); },
        store::Durability::process));
  }
  return Authenticated{*std::move(known), csrf_token_of(token)};
}

Result<NewSession> open_session(store::Transaction& tx, store::User const& user, Client const& client) {
  if (!client.token.empty()) {
    auto former = tx.sessions.find_by_token(sha256_hex(client.token));
    if (former)
      TRY(tx.sessions.remove(former->id, former->user));
    else if (former.error().code != ErrorCode::not_found)
      return std::unexpected(std::move(former).error());
  }
  NewSession made;
  made.token = random_token(32);
  made.csrf_token = csrf_token_of(made.token);
  store::Session session;
  session.id = SessionId::fresh();
  session.user = user.id;
  session.token_sha256 = sha256_hex(made.token);
  session.csrf_sha256 = sha256_hex(made.csrf_token);
  session.created_at = session.last_seen_at = tx.now();
  session.idle_until = tx.now() + session_idle_max;
  session.expires_at = tx.now() + session_age_max;
  session.address = client.address;
  session.user_agent = client.user_agent;
  TRY(tx.sessions.add(session));
  return made;
}

Result<access::Actor> actor_of_session(store::Store& store, SessionId const& id, Moment now) {
  auto actor = store.read([&](store::Snapshot& snapshot) -> Result<access::Actor> {
    auto session = TRY(snapshot.sessions.get(id));
    auto owner = TRY(owner_of(snapshot, session, now));
    return access::Actor::user(owner.user, std::move(owner.memberships), session.id);
  });
  if (!actor) return ended_or(std::move(actor).error());
  return actor;
}

Result<access::Actor> renew(store::Store& store, access::Actor const& actor, Moment now) {
  if (!actor.session_id()) return actor;
  return actor_of_session(store, *actor.session_id(), now);
}

Result<std::vector<store::Session>> list_sessions(Call& call) {
  if (!call.actor.user_id()) return std::vector<store::Session>{};
  return call.read([&](store::Snapshot& snapshot) -> Result<std::vector<store::Session>> {
    auto sessions = TRY(snapshot.sessions.of_user(*call.actor.user_id()));
    std::erase_if(sessions, [&](auto const& session) { return is_over(session, call.now); });
    return sessions;
  });
}

Result<void> revoke_session(Call& call, SessionId const& session) {
  auto const no_such = [] { return fail(ErrorCode::not_found, "not-found", "There is no such session."); };
  if (!call.actor.user_id()) return no_such();
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto found = TRY(tx.sessions.get(session));
    if (found.user != *call.actor.user_id()) return no_such();
    auto const user = TRY(tx.users.get(found.user));
    TRY(tx.sessions.remove(session, found.user));
    return tx.events.add(events::SessionRevoked{user.id, user.name});
  });
}

Result<void> sign_out(Call& call) {
  if (!call.actor.session_id() || !call.actor.user_id())
    return fail(ErrorCode::conflict, "no-session", "This connection has no session to end.");
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto const user = TRY(tx.users.get(*call.actor.user_id()));
    TRY(tx.sessions.remove(*call.actor.session_id(), user.id));
    return tx.events.add(events::SignedOut{user.id, user.name});
  });
}

}  // namespace berth::accounts
