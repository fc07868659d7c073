// People and their sessions: decode, call, encode.
#pragma once

#include "firmware/api/account_requests.hpp"
#include "firmware/api/account_views.hpp"
#include "firmware/api/answers.hpp"
#include "firmware/api/arguments.hpp"

namespace berth::api {

Result<view::SetupState> show_setup(Exchange& exchange);
Result<Admitted> set_up(Exchange& exchange, SetUp const& wish);
Result<Done> set_language(Call& call, Granted<access::System> const& system, SetLanguage const& wish);
Result<Revealed<view::SetupCode>> create_setup_code(Call& call, Granted<access::System> const& system);

Result<Admitted> sign_in(Exchange& exchange, SignIn const& wish);
Result<view::SessionList> list_sessions(Call& call);
Result<SignedOut> sign_out(Call& call);
Result<Done> revoke_session(Call& call, Own<SessionId> session);

Result<view::Me> show_me(Exchange& exchange);
Result<Done> change_password(Exchange& exchange, ChangePassword const& wish);

Result<view::UserList> list_users(Call& call, Granted<access::System> const& system);
Result<Revealed<view::PasswordReset>> reset_password(Exchange& exchange, Granted<store::User> const& user);

}  // namespace berth::api
