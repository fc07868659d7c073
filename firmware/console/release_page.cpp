#include <format>

#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

char const* letter(contract::SlotName name) {
  return name == contract::SlotName::a ? "A" : "B";
}

std::string in_words(contract::Slot const& slot, contract::SlotName next) {
  if (slot.version.empty()) return "empty";
  std::string text = slot.version;
  if (slot.booted) text += ", runs now";
  text += slot.good ? ", good" : std::format(", not proved good, {} tries left", slot.tries_left);
  if (slot.name == next) text += ", next start";
  return text;
}

}  // namespace

Result<void> releases_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  while (true) {
    auto const slots = TRY(parts.machine.slots());
    dialogue.title("Releases");
    std::vector<std::pair<std::string, std::string>> rows;
    std::vector<std::string> choices;
    for (auto const& slot : slots.slots) {
      rows.emplace_back(std::string("Slot ") + letter(slot.name), in_words(slot, slots.next));
      choices.push_back(std::format("Start slot {} next", letter(slot.name)));
    }
    dialogue.facts(rows);
    auto const chosen = dialogue.choose(choices);
    if (chosen == 0) return {};
    auto const& slot = slots.slots[chosen - 1];
    if (slot.version.empty())
      dialogue.say("There is nothing in that slot.");
    else
      TRY(parts.machine.choose_slot(slot.name));
  }
}

}  // namespace berth::console
