#include <format>

#include "firmware/cli/output.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {

Result<void> people_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  while (true) {
    auto const users = TRY(parts.panel.all("/users"));
    dialogue.title("People and passwords");
    if (users.empty()) {
      dialogue.say("Nobody can sign in yet: this machine is not set up.");
      return {};
    }
    dialogue.say("Choose who gets a new random password. His or her sessions end.");
    std::vector<std::string> names;
    for (auto const& user : users)
      names.push_back(std::format("{} ({})", cli::member_text(user.as_object(), "name"),
                                  cli::member_text(user.as_object(), "role")));
    auto const chosen = dialogue.choose(names);
    if (chosen == 0) return {};
    auto const& user = users[chosen - 1].as_object();
    if (!dialogue.sure("Give " + cli::member_text(user, "name") + " a new password?")) continue;
    auto const answer = TRY(parts.panel.post("/users/" + cli::member_text(user, "id") + "/password-resets"));
    dialogue.facts({{"New password", cli::member_text(answer.as_object(), "password")}});
    dialogue.say("It is shown this once. Change it after signing in.");
    dialogue.wait_for_enter();
  }
}

}  // namespace berth::console
