#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr char password_later[] =
    "A forgotten password is reset at the sign-in, which comes back with the panel: restart it or the machine, read "
    "its logs, or choose the other release.";

}  // namespace

std::optional<Pass> admit(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  if (dialogue.closed()) return std::nullopt;
  if (parts.proved) return Pass::administrator;
  auto const setup = parts.panel.get("/setup");
  if (!setup) {
    dialogue.say(
        "The panel does not answer, so nobody can sign in. What repairs this machine is open to whoever stands "
        "before it.");
    dialogue.say(password_later);
    parts.note("repair was opened without a sign-in: the panel does not answer");
    return Pass::repair;
  }
  if (is_true(*setup, "needed")) return Pass::administrator;
  dialogue.say("Nobody knows an administrator's password any more? Type ? instead of a name.");
  auto const name = dialogue.ask("Administrator's name, or . to go back");
  if (!name) return std::nullopt;
  if (*name == "?") {
    if (auto done = forgotten_password(parts); !done) {
      tell(dialogue, done.error());
      if (done.error().code == ErrorCode::unavailable) dialogue.say(password_later);
    }
    return std::nullopt;
  }
  auto const password = dialogue.ask_secret("Password");
  if (!password) return std::nullopt;
  if (auto const proved = parts.panel.check_administrator(*name, *password); !proved) {
    tell(dialogue, proved.error());
    return std::nullopt;
  }
  parts.note("an administrator signed in: " + *name);
  return Pass::administrator;
}

}  // namespace berth::console
