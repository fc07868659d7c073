#include <format>

#include "firmware/console/console.hpp"
#include "firmware/console/network_editor.hpp"

namespace berth::console {
namespace {

constexpr std::chrono::seconds time_to_confirm{120};

void show(Dialogue& dialogue, contract::NetworkState const& state) {
  dialogue.title("Network");
  std::vector<std::pair<std::string, std::string>> rows;
  for (auto const& link : state.links) {
    std::string addresses;
    for (auto const& address : link.addresses) addresses += ", " + address;
    rows.emplace_back(link.name, std::format("{}{}{}{}", link.mac, link.driver.empty() ? "" : ", " + link.driver,
                                             link.carrier ? "" : ", no carrier", addresses));
  }
  dialogue.facts(rows);
  dialogue.say("");
  for (auto const& link : (state.tried ? *state.tried : state.kept).links) dialogue.say(in_words(link));
}

// The person says that the new settings are good, or the old ones come back.
Result<void> ask_to_keep(Parts const& parts, std::chrono::seconds time) {
  auto& dialogue = parts.dialogue;
  dialogue.say(std::format(
      "The new settings are in force. Unless you type 'keep' within {} seconds the old ones come back.", time.count()));
  auto const until = std::chrono::steady_clock::now() + time;
  while (true) {
    auto const left = std::chrono::duration_cast<std::chrono::seconds>(until - std::chrono::steady_clock::now());
    auto const typed = left.count() > 0 ? dialogue.ask_within("Type keep, or undo", left) : std::nullopt;
    if (typed == "keep") {
      TRY(parts.machine.confirm_network());
      dialogue.say("Kept.");
      return {};
    }
    if (!typed || *typed == "undo") {
      TRY(parts.machine.revert_network());
      dialogue.say("The old settings are back.");
      return {};
    }
  }
}

}  // namespace

Result<void> network_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto wanted = std::optional<contract::NetworkSettings>();
  while (!dialogue.closed()) {
    auto const state = TRY(parts.machine.network());
    if (state.tried) return ask_to_keep(parts, std::chrono::seconds(state.seconds_left));
    show(dialogue, state);
    wanted = NetworkEditor(dialogue, wanted ? *wanted : state.kept, state.links).edit();
    if (!wanted) return {};
    contract::TryNetwork wish{*wanted, {}};
    wish.confirm_within_s.value = time_to_confirm.count();
    auto tried = parts.machine.try_network(wish);
    if (tried) return ask_to_keep(parts, time_to_confirm);
    if (tried.error().code != ErrorCode::invalid_argument) return tried;
    tell(dialogue, tried.error());  // back into the editor with what was typed
  }
  return {};
}

}  // namespace berth::console
