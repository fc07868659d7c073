#include "firmware/console/console.hpp"

namespace berth::console {

std::optional<Pass> admit(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  if (dialogue.closed()) return std::nullopt;
  if (parts.proved) return Pass::administrator;
  auto const setup = parts.panel.get("/setup");
  if (!setup) {
    dialogue.say(
        "The panel does not answer, so nobody can sign in. What repairs this machine is open to whoever stands "
        "before it.");
    parts.note("repair was opened without a sign-in: the panel does not answer");
    return Pass::repair;
  }
  if (is_true(*setup, "needed")) return Pass::administrator;
  auto const name = dialogue.ask("Administrator's name, or . to go back");
  if (!name) return std::nullopt;
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
