#include "firmware/api/account_handlers.hpp"

#include "firmware/services/accounts/default_language.hpp"
#include "firmware/services/accounts/password_change.hpp"
#include "firmware/services/accounts/setup.hpp"
#include "firmware/services/accounts/sign_in.hpp"
#include "firmware/services/accounts/users.hpp"

namespace berth::api {
namespace {

Admitted admitted(accounts::Entry const& entry) {
  auto const life = std::chrono::duration_cast<std::chrono::seconds>(accounts::session_age_max);
  return {{view::of(entry.user), entry.session.csrf_token}, entry.session.token, life.count()};
}

}  // namespace

Result<view::SetupState> show_setup(Exchange& x) {
  auto const language = TRY(x.panel.store.read(accounts::default_language));
  return view::SetupState{TRY(accounts::setup_needed(x.panel.store)), "Berth", std::string(x.panel.version), language};
}

Result<Admitted> set_up(Exchange& x, SetUp const& wish) {
  accounts::FirstUser first{wish.code.str(), wish.name.str(), wish.password.str(), std::nullopt, wish.language};
  if (wish.email) first.email = wish.email->str();
  return admitted(TRY(accounts::set_up(x.call, x.panel.doorkeeper, first, client_of(x.request))));
}

Result<Done> set_language(Call& call, Granted<access::System> const& system, SetLanguage const& wish) {
  TRY(accounts::set_default_language(call, system, wish.language));
  return Done{};
}

Result<Revealed<view::SetupCode>> create_setup_code(Call& call, Granted<access::System> const&) {
  return Revealed<view::SetupCode>{{TRY(accounts::issue_setup_code(call))}};
}

Result<Admitted> sign_in(Exchange& x, SignIn const& wish) {
  return admitted(TRY(accounts::sign_in(x.call, x.panel.doorkeeper, wish.name, wish.password, client_of(x.request))));
}

Result<view::SessionList> list_sessions(Call& call) {
  view::SessionList list;
  for (auto const& session : TRY(accounts::list_sessions(call)))
    list.items.push_back({session.id, session.created_at, session.last_seen_at, session.address, session.user_agent,
                          call.actor.session_id() == session.id});
  return list;
}

Result<SignedOut> sign_out(Call& call) {
  TRY(accounts::sign_out(call));
  return SignedOut{};
}

Result<Done> revoke_session(Call& call, Own<SessionId> session) {
  TRY(accounts::revoke_session(call, session.id));
  return Done{};
}

Result<view::Me> show_me(Exchange& x) {
  view::Me me;
  if (auto const& id = x.call.actor.user_id()) {
    me.user = view::of(TRY(x.call.read([&](store::Snapshot& snapshot) { return snapshot.users.get(*id); })));
  } else {
    me.user.name = "local administrator";
    me.user.role = store::UserRole::superadmin;
  }
  me.csrf_token = x.csrf_token;
  for (auto const permission : x.call.actor.permissions()) me.permissions.emplace_back(access::to_string(permission));
  return me;
}

Result<Done> change_password(Exchange& x, ChangePassword const& wish) {
  TRY(accounts::change_password(x.call, x.panel.doorkeeper, wish.current_password, wish.new_password));
  return Done{};
}

Result<view::UserList> list_users(Call& call, Granted<access::System> const& system) {
  view::UserList list;
  for (auto const& user : TRY(accounts::list_users(call, system))) list.items.push_back(view::of(user));
  return list;
}

Result<Revealed<view::PasswordReset>> reset_password(Exchange& x, Granted<store::User> const& user) {
  return Revealed<view::PasswordReset>{{TRY(accounts::reset_password(x.call, x.panel.doorkeeper, user))}};
}

}  // namespace berth::api
