#include "firmware/cli/setup_code.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

Result<void> make_administrator(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const name = dialogue.ask("Name of the first administrator", "admin");
  if (!name) return {};
  while (true) {
    auto const password = dialogue.ask_new_secret("Password");
    if (!password) return {};
    auto const code = TRY(cli::new_setup_code(parts.panel, parts.files.greeting));
    auto made = parts.panel.post("/setup", json::object{{"code", code}, {"name", *name}, {"password", *password}});
    if (made) {
      dialogue.say("Done. Sign in as " + *name + " at the panel's address.");
      return {};
    }
    if (made.error().code != ErrorCode::invalid_argument) return std::unexpected(std::move(made).error());
    tell(dialogue, made.error());
  }
}

Result<void> show_code(Parts const& parts) {
  parts.dialogue.facts({{"Set-up code", TRY(cli::new_setup_code(parts.panel, parts.files.greeting))}});
  parts.dialogue.say(
      "Open the panel in a browser, compare the certificate's fingerprint, and enter the code there. Codes shown "
      "before no longer work.");
  parts.dialogue.wait_for_enter();
  return {};
}

}  // namespace

Result<void> set_up(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("First set-up");
  auto const state = TRY(parts.panel.get("/setup"));
  if (!is_true(state, "needed")) {
    dialogue.say(
        "This machine is set up. A forgotten password is reset under People and passwords, or at the sign-in.");
    return {};
  }
  dialogue.say(
      "First the language and the machine's name, clock and network; then the person who will run it. A single dot "
      "goes back.");
  TRY(language_page(parts));
  TRY(name_and_time_page(parts));
  TRY(network_page(parts));
  TRY(disks_page(parts));
  dialogue.title("The first administrator");
  switch (dialogue.choose({"Make the administrator here", "Show a set-up code for the browser"})) {
    case 1:
      return make_administrator(parts);
    case 2:
      return show_code(parts);
    default:
      return {};
  }
}

}  // namespace berth::console
