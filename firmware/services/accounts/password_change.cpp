#include "firmware/services/accounts/password_change.hpp"

#include "firmware/base/random.hpp"
#include "firmware/events/event.hpp"

namespace berth::accounts {

Result<void> change_password(Call& call, Doorkeeper& doorkeeper, std::string_view current, std::string_view wanted) {
  if (!call.actor.user_id()) return fail(ErrorCode::conflict, "no-session", "This connection belongs to no user.");
  auto const user =
      TRY(call.read([&](store::Snapshot& snapshot) { return snapshot.users.get(*call.actor.user_id()); }));
  // A stolen session must not become a stolen password by trying.
  TRY(doorkeeper.password_checks_by_user.admit(user.id.str(), doorkeeper.clock.steady()));
  if (!TRY(doorkeeper.hasher.verify(user.password_hash, current))) {
    auto failed = fail(ErrorCode::forbidden, "wrong-password", "The current password is not right.");
    failed.error().fields.emplace_back("/current_password", FieldRule::wrong_password);
    return failed;
  }
  doorkeeper.password_checks_by_user.forget(user.id.str());
  if (auto why = why_not_password(wanted, user.name)) return fail_field("/new_password", *std::move(why));
  auto const hash = TRY(doorkeeper.hasher.hash(wanted));
  return call.write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.users.set_password(user.id, hash));
    TRY(tx.sessions.remove_of_user(user.id, call.actor.session_id()));
    return tx.events.add(events::PasswordChanged{user.id, user.name});
  });
}

Result<std::string> reset_password(Call& call, Doorkeeper& doorkeeper, Granted<store::User> const& user) {
  auto const password = random_token(15);
  auto const hash = TRY(doorkeeper.hasher.hash(password));
  return call.write([&](store::Transaction& tx) -> Result<std::string> {
    TRY(tx.users.set_password(user.id(), hash));
    TRY(tx.sessions.remove_of_user(user.id(), std::nullopt));
    TRY(tx.events.add(events::PasswordReset{user.id(), user->name}));
    return password;
  });
}

}  // namespace berth::accounts
