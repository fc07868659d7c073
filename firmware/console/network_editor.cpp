#include "firmware/console/network_editor.hpp"

#include <algorithm>
#include <charconv>
#include <format>

namespace berth::console {
namespace {

using contract::AddressMethod;
using contract::LinkKind;

std::string in_words(contract::AddressSettings const& settings) {
  if (settings.method == AddressMethod::off) return "off";
  if (settings.method == AddressMethod::automatic) return "automatic";
  return settings.address.str() + (settings.gateway.empty() ? "" : " by way of " + settings.gateway.str());
}

std::string of_links(auto const& names) {
  std::string text;
  for (auto const& name : names) text += (text.empty() ? "" : " ") + name.str();
  return text;
}

}  // namespace

std::string in_words(contract::LinkSettings const& link) {
  std::string text = link.name.str() + ": ";
  switch (link.kind) {
    case LinkKind::ethernet:
      text += link.cards.empty() ? "any card" : "card " + of_links(link.cards);
      break;
    case LinkKind::bond:
      text += (link.bond_mode == contract::BondMode::lacp ? "LACP bond of " : "bond of ") + of_links(link.members);
      break;
    case LinkKind::bridge:
      text += "bridge of " + of_links(link.members);
      break;
    case LinkKind::vlan:
      text +=
          std::format("VLAN {} on {}", link.vlan_id ? link.vlan_id->value : 0, link.parent ? link.parent->str() : "-");
      break;
  }
  return text + ", IPv4 " + in_words(link.ipv4) + ", IPv6 " + in_words(link.ipv6);
}

std::optional<contract::NetworkSettings> NetworkEditor::edit() {
  while (!dialogue_.closed()) {
    dialogue_.title("Network settings");
    std::vector<std::string> choices;
    for (auto const& link : settings_.links) choices.push_back("Change " + in_words(link));
    auto const links = choices.size();
    choices.insert(choices.end(), {"Add a card, VLAN, bond or bridge", "Remove one",
                                   "DNS servers: " + (settings_.dns.empty() ? "as DHCP says" : of_links(settings_.dns)),
                                   "Try these settings now"});
    auto const chosen = dialogue_.choose(choices, "Leave everything as it was");
    if (chosen == 0) return std::nullopt;
    if (chosen <= links) change(settings_.links.items[chosen - 1]);
    if (chosen == links + 1) add_link();
    if (chosen == links + 2) remove_link();
    if (chosen == links + 3) change_dns();
    if (chosen == links + 4) return settings_;
  }
  return std::nullopt;
}

void NetworkEditor::change(contract::LinkSettings& link) {
  dialogue_.title(in_words(link));
  switch (dialogue_.choose({"IPv4 address", "IPv6 address", "Cards"})) {
    case 1:
      return change_addresses(link.ipv4, false);
    case 2:
      return change_addresses(link.ipv6, true);
    case 3:
      return change_cards(link);
    default:
      return;
  }
}

void NetworkEditor::change_addresses(contract::AddressSettings& settings, bool ipv6) {
  auto const chosen =
      dialogue_.choose({ipv6 ? "Automatic (router advertisements)" : "Automatic (DHCP)", "A fixed address", "Off"});
  if (chosen == 0) return;
  contract::AddressSettings changed;
  changed.method = chosen == 1 ? AddressMethod::automatic : chosen == 2 ? AddressMethod::fixed : AddressMethod::off;
  if (chosen == 2) {
    auto const address = dialogue_.ask(
        ipv6 ? "Address with prefix length (2001:db8::10/64)" : "Address with prefix length (192.0.2.10/24)",
        settings.address.str());
    if (!address) return;
    auto const gateway =
        dialogue_.ask("Gateway, or 'none'", settings.gateway.empty() ? "none" : settings.gateway.str());
    if (!gateway) return;
    auto parsed = contract::AddressWithPrefix::parse(*address);
    auto parsed_gateway = contract::PlainAddress::parse(*gateway == "none" ? "" : *gateway);
    if (!parsed || !parsed_gateway) return dialogue_.say("Those are not addresses.");
    changed.address = *parsed;
    changed.gateway = *parsed_gateway;
  }
  settings = changed;
}

void NetworkEditor::change_cards(contract::LinkSettings& link) {
  if (link.kind != LinkKind::ethernet) return dialogue_.say("Only a card has a card's address.");
  std::vector<std::string> choices{"Any card that no other link names"};
  std::vector<std::string> macs;
  for (auto const& card : present_) {
    if (card.driver.empty() || card.mac.empty()) continue;
    choices.push_back(
        std::format("{} ({}, {}, {})", card.mac, card.name, card.driver, card.carrier ? "cable" : "no cable"));
    macs.push_back(card.mac);
  }
  auto const chosen = dialogue_.choose(choices);
  if (chosen == 0) return;
  link.cards.items.clear();
  if (chosen == 1) return;
  if (auto mac = contract::MacAddress::parse(macs[chosen - 2])) link.cards.items.push_back(*mac);
}

std::optional<contract::LinkName> NetworkEditor::ask_name(std::string_view proposal) {
  auto const name = dialogue_.ask("Its name", proposal, [&](std::string const& text) -> std::string {
    if (!contract::is_link_name(text)) return "At most 15 lower-case letters and digits, beginning with a letter.";
    bool const taken = std::ranges::any_of(settings_.links.items, [&](auto const& l) { return l.name.str() == text; });
    return taken ? "That name is taken." : "";
  });
  if (!name) return std::nullopt;
  auto parsed = contract::LinkName::parse(*name);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<contract::LinkName> NetworkEditor::ask_link(std::string_view question) {
  std::vector<std::string> names;
  for (auto const& link : settings_.links) names.push_back(link.name.str());
  dialogue_.say(question);
  auto const chosen = dialogue_.choose(names);
  return chosen == 0 ? std::nullopt : std::optional(settings_.links.items[chosen - 1].name);
}

void NetworkEditor::add_link() {
  dialogue_.title("What shall be added?");
  auto const chosen = dialogue_.choose({"A card", "A VLAN", "A bond", "A bridge"});
  if (chosen == 0) return;
  contract::LinkSettings link;
  link.kind = chosen == 1   ? LinkKind::ethernet
              : chosen == 2 ? LinkKind::vlan
              : chosen == 3 ? LinkKind::bond
                            : LinkKind::bridge;
  link.ipv6.method = AddressMethod::off;
  static constexpr char const* proposals[] = {"lan", "vlan10", "bond0", "bridge0"};
  auto const name = ask_name(proposals[chosen - 1]);
  if (!name) return;
  link.name = *name;
  if (link.kind == LinkKind::ethernet) change_cards(link);
  if (link.kind == LinkKind::vlan) {
    link.parent = ask_link("On which link?");
    auto const tag = dialogue_.ask("VLAN number (1 to 4094)");
    std::int64_t number = 0;
    if (!link.parent || !tag) return;
    auto const [end, error] = std::from_chars(tag->data(), tag->data() + tag->size(), number);
    if (error != std::errc{} || end != tag->data() + tag->size() || number < 1 || number > 4094)
      return dialogue_.say("A VLAN's number is between 1 and 4094. Nothing was added.");
    link.vlan_id.emplace().value = number;
  }
  if (link.kind == LinkKind::bond || link.kind == LinkKind::bridge) {
    if (link.kind == LinkKind::bond && dialogue_.sure("LACP (the switch must speak it too)?"))
      link.bond_mode = contract::BondMode::lacp;
    while (auto const member = ask_link(
               "Its members, one by one; 0 when there are no more. A member's own addresses are switched off.")) {
      link.members.items.push_back(*member);
      for (auto& other : settings_.links.items)
        if (other.name == *member) other.ipv4 = other.ipv6 = {AddressMethod::off, {}, {}};
      if (link.members.size() == 8) break;
    }
  }
  settings_.links.items.push_back(std::move(link));
}

void NetworkEditor::remove_link() {
  auto const name = ask_link("Which one is removed?");
  if (!name) return;
  std::erase_if(settings_.links.items, [&](auto const& link) { return link.name == *name; });
}

void NetworkEditor::change_dns() {
  auto const typed = dialogue_.ask("DNS servers, with blanks between them, or 'none'",
                                   settings_.dns.empty() ? "none" : of_links(settings_.dns));
  if (!typed) return;
  decltype(settings_.dns) changed;
  if (*typed != "none")
    for (auto const& word : words(*typed)) {
      auto parsed = contract::PlainAddress::parse(word);
      if (!parsed || changed.size() == 4) return dialogue_.say("At most four addresses, please. Nothing was changed.");
      changed.items.push_back(*parsed);
    }
  settings_.dns = changed;
}

}  // namespace berth::console
