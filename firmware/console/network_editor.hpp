// Changes to a copy of the network's settings, before they are tried. Pure but for its questions.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "firmware/console/dialogue.hpp"

namespace berth::console {

// "uplink: card 52:54:00:..., IPv4 automatic, IPv6 off"
std::string in_words(contract::LinkSettings const& link);

class NetworkEditor {
 public:
  NetworkEditor(Dialogue& dialogue, contract::NetworkSettings settings, std::vector<contract::LinkFacts> present)
      : dialogue_(dialogue), settings_(std::move(settings)), present_(std::move(present)) {}

  // nullopt: the person wants nothing changed.
  std::optional<contract::NetworkSettings> edit();

 private:
  void change(contract::LinkSettings& link);
  void change_addresses(contract::AddressSettings& settings, bool ipv6);
  void change_cards(contract::LinkSettings& link);
  void add_link();
  void remove_link();
  void change_dns();
  std::optional<contract::LinkName> ask_name(std::string_view proposal);
  std::optional<contract::LinkName> ask_link(std::string_view question);

  Dialogue& dialogue_;
  contract::NetworkSettings settings_;
  std::vector<contract::LinkFacts> present_;
};

}  // namespace berth::console
