#include <format>

#include "firmware/cli/output.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

std::string in_words(json::object const& user) {
  return std::format("{} ({})", cli::member_text(user, "name"), cli::member_text(user, "role"));
}

// As `berth admin reset-password` does it: the panel makes it up, ends the person's sessions, and tells it once.
Result<void> give_new_password(Parts const& parts, json::object const& user) {
  auto& dialogue = parts.dialogue;
  auto const name = cli::member_text(user, "name");
  if (!dialogue.sure("Give " + name + " a new password?")) return {};
  auto const answer = TRY(parts.panel.post("/users/" + cli::member_text(user, "id") + "/password-resets"));
  parts.note("a new password was given to " + name);
  dialogue.facts({{"New password", cli::member_text(answer.as_object(), "password")}});
  dialogue.say("It is shown this once. Change it after signing in.");
  dialogue.wait_for_enter();
  return {};
}

}  // namespace

Result<void> forgotten_password(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  if (parts.proved) return fail(ErrorCode::forbidden, "terminal-only", "That is done at the machine's own terminals.");
  dialogue.title("A forgotten password");
  dialogue.say(
      "Whoever stands at the machine can give an administrator a new random password. It is logged, and the "
      "administrator's sessions end.");
  if (!names_machine(parts)) return {};
  parts.note("the way for a forgotten password was opened without a sign-in");
  std::vector<json::object> administrators;
  std::vector<std::string> names;
  for (auto const& user : TRY(parts.panel.all("/users"))) {
    if (cli::member_text(user.as_object(), "role") != "superadmin") continue;
    administrators.push_back(user.as_object());
    names.push_back(in_words(user.as_object()));
  }
  auto const chosen = dialogue.choose(names);
  return chosen == 0 ? Result<void>{} : give_new_password(parts, administrators[chosen - 1]);
}

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
    for (auto const& user : users) names.push_back(in_words(user.as_object()));
    auto const chosen = dialogue.choose(names);
    if (chosen == 0) return {};
    TRY(give_new_password(parts, users[chosen - 1].as_object()));
  }
}

}  // namespace berth::console
