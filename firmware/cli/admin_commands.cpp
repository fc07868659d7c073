#include <memory>

#include "firmware/cli/commands.hpp"

namespace berth::cli {

void add_admin_commands(CLI::App& app, Session& session) {
  auto& admin = *app.add_subcommand("admin", "The panel itself");
  admin.require_subcommand(1);

  auto* reset = admin.add_subcommand("reset-password", "Give a user a new random password; his sessions end");
  auto name = std::make_shared<std::string>();
  reset->add_option("NAME", *name, "name or id")->required();
  reset->callback([&session, name] {
    session.act = [&session, name](Client& client) -> Result<void> {
      auto const user = TRY(find_named(client, "/users", "user", *name));
      auto const answer = TRY(client.post("/users/" + member_text(user, "id") + "/password-resets"));
      show_one(session.format, answer, {member("Password", "password")});
      return {};
    };
  });

  admin.add_subcommand("setup-code", "A new set-up code, while nobody can sign in yet")->callback([&session] {
    session.act = [&session](Client& client) -> Result<void> {
      show_one(session.format, TRY(client.post("/setup-codes")), {member("Set-up code", "code")});
      return {};
    };
  });

  admin.add_subcommand("users", "Everybody who can sign in")->callback([&session] {
    session.act = [&session](Client& client) -> Result<void> {
      show_list(session.format, TRY(client.all("/users")),
                {member("NAME", "name"), member("ROLE", "role"), member("EMAIL", "email"), member("ID", "id")});
      return {};
    };
  });
}

}  // namespace berth::cli
