#include "firmware/api/account_handlers.hpp"
#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> account_routes() {
  static constexpr Route rows[]{
      {Method::get, "/setup", public_route("the first visitor must learn whether the machine is set up"),
       handled_by<&show_setup>, "Whether the machine still waits to be set up."},
      {Method::post, "/setup", public_route("the set-up code is the credential"), handled_by<&set_up>,
       "Make the first administrator with the code that the machine shows."},
      {Method::post, "/setup-codes", needs(Permission::system_manage), handled_by<&create_setup_code>,
       "A new set-up code, while the machine is not set up."},
      {Method::put, "/language", needs(Permission::system_manage), handled_by<&set_language>,
       "The language that the panel speaks to whoever has chosen none; GET /setup tells it."},

      {Method::post, "/sessions", public_route("name and password are the credential"), handled_by<&sign_in>,
       "Sign in."},
      {Method::get, "/sessions", signed_in("lists the caller's own sessions"), handled_by<&list_sessions>,
       "The caller's sessions."},
      {Method::delete_, "/sessions/current", signed_in("ends the caller's own session"), handled_by<&sign_out>,
       "Sign out."},
      {Method::delete_, "/sessions/{session}", signed_in("ends one of the caller's own sessions"),
       handled_by<&revoke_session>, "End one of the caller's sessions."},

      {Method::get, "/me", signed_in("tells the caller who he is"), handled_by<&show_me>,
       "Who is signed in, and what he may do."},
      {Method::put, "/me/password", signed_in("changes the caller's own password"), handled_by<&change_password>,
       "Change the own password; other sessions end."},

      {Method::get, "/users", needs(Permission::user_manage), handled_by<&list_users>, "Everybody who can sign in."},
      {Method::post, "/users/{user}/password-resets", needs(Permission::user_manage), handled_by<&reset_password>,
       "Give a user a new random password; his sessions end."},
  };
  return rows;
}

}  // namespace berth::api
