// The panel's language; this console goes on in English.
#include <boost/describe/enum_to_string.hpp>
#include <utility>

#include "firmware/base/language.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr std::pair<char const*, Language> languages[] = {
    {"English", Language::en}, {"Deutsch", Language::de}, {"Polski", Language::pl}};

}  // namespace

Result<void> language_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Language");
  dialogue.say("The language in which the panel speaks to whoever has not chosen one there:");
  std::vector<std::string> names;
  for (auto const& [name, language] : languages) names.emplace_back(name);
  auto const chosen = dialogue.choose(names, "Leave it as it is");
  if (chosen == 0) return {};
  auto const* name = boost::describe::enum_to_string(languages[chosen - 1].second, "");
  TRY(parts.panel.put("/language", json::object{{"language", name}}));
  return {};
}

}  // namespace berth::console
