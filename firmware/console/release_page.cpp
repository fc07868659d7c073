#include <algorithm>
#include <chrono>
#include <format>

#include "drivers/contract/release_version.hpp"
#include "firmware/cli/output.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr std::chrono::seconds look_again{2};

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

std::string in_words(contract::FoundUpdate const& found) {
  auto text = std::format("{} ({}, {}, {})", found.name, found.version.empty() ? "unknown version" : found.version,
                          cli::bytes_text(found.size_bytes),
                          found.place == contract::UpdatePlace::usb ? "USB" : "/data/updates");
  return found.compatible ? text : text + ": " + found.problem;
}

// Until it has ended, or the person does not want to see it.
Result<void> follow(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.say("Enter stops watching; the installation goes on.");
  std::string shown;
  while (!dialogue.closed()) {
    auto const now = TRY(parts.machine.update());
    auto const text = now.running ? std::format("{}% {}", now.percent, now.step) : "";
    if (text != shown) dialogue.say(text);
    shown = text;
    if (!now.running) {
      if (!now.failure.empty()) return fail(ErrorCode::internal, "update-failed", now.failure);
      dialogue.say("Installed. It runs from the next restart on.");
      return {};
    }
    if (dialogue.enter_within(look_again)) return {};
  }
  return {};
}

Result<void> install(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Install a release");
  dialogue.say("Looking on sticks and in /data/updates...");
  auto const found = TRY(parts.machine.find_updates());
  if (found.empty()) {
    dialogue.say("There is none.");
    return {};
  }
  std::vector<std::string> choices;
  for (auto const& one : found) choices.push_back(in_words(one));
  auto const chosen = dialogue.choose(choices);
  if (chosen == 0) return {};
  auto const& wanted = found[chosen - 1];
  if (!wanted.compatible) {
    dialogue.say(wanted.problem);
    return {};
  }
  if (!dialogue.sure("Install " + wanted.version + "? Guests go on meanwhile")) return {};
  TRY(parts.machine.install_found(TRY(contract::FoundUpdateId::parse(wanted.id))));
  return follow(parts);
}

// A version that cannot be read is not trusted to open the database either.
bool older_than_what_runs(contract::Slot const& slot, contract::Slots const& all) {
  auto const runs = std::ranges::find(all.slots, true, &contract::Slot::booted);
  if (slot.booted || runs == all.slots.end()) return false;
  auto const version = contract::ReleaseVersion::parse(slot.version);
  auto const now = contract::ReleaseVersion::parse(runs->version);
  return !version || !now || *version < *now;
}

Result<void> choose(Parts const& parts, contract::Slots const& slots, contract::Slot const& slot) {
  auto& dialogue = parts.dialogue;
  if (slot.version.empty()) {
    dialogue.say("There is nothing in that slot.");
    return {};
  }
  if (older_than_what_runs(slot, slots))
    dialogue.say(
        "This release is older than the one that runs. It may not be able to open today's database: the panel then "
        "does not start, until the other slot is chosen here again and the machine is restarted.");
  if (!dialogue.sure(std::format("Start slot {}, release {}, at the next restart?", letter(slot.name), slot.version)))
    return {};
  TRY(parts.machine.choose_slot(slot.name));
  parts.note(std::format("slot {} was chosen for the next start", letter(slot.name)));
  dialogue.say(std::format("The next restart takes slot {}.", letter(slot.name)));
  return {};
}

}  // namespace

Result<void> releases_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  while (!dialogue.closed()) {
    auto const slots = TRY(parts.machine.slots());
    dialogue.title("Releases");
    std::vector<std::pair<std::string, std::string>> rows;
    std::vector<std::string> choices;
    for (auto const& slot : slots.slots) {
      rows.emplace_back(std::string("Slot ") + letter(slot.name), in_words(slot, slots.next));
      choices.push_back(std::format("Start slot {} next", letter(slot.name)));
    }
    choices.emplace_back("Install a release from a USB stick or a folder");
    dialogue.facts(rows);
    auto const chosen = dialogue.choose(choices);
    if (chosen == 0) return {};
    auto const done = chosen <= slots.slots.size() ? choose(parts, slots, slots.slots[chosen - 1]) : install(parts);
    if (!done) tell(dialogue, done.error());
  }
  return {};
}

}  // namespace berth::console
