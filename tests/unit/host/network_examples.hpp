// Network settings for tests.
#pragma once

#include "drivers/contract/machine_types.hpp"

namespace berth::host::testing {

using namespace contract;

template <class T>
T made(std::string_view text) {
  return T::parse(text).value();
}

inline LinkSettings link(std::string_view name, LinkKind kind) {
  LinkSettings settings;
  settings.name = made<LinkName>(name);
  settings.kind = kind;
  return settings;
}

inline void without_addresses(LinkSettings& settings) {
  settings.ipv4 = {.method = AddressMethod::off, .address = {}, .gateway = {}};
  settings.ipv6 = settings.ipv4;
}

inline LinkSettings card(std::string_view name, std::string_view mac) {
  auto settings = link(name, LinkKind::ethernet);
  settings.cards.items.push_back(made<MacAddress>(mac));
  return settings;
}

inline AddressSettings fixed(std::string_view address, std::string_view gateway = "") {
  return {.method = AddressMethod::fixed,
          .address = made<AddressWithPrefix>(address),
          .gateway = made<PlainAddress>(gateway)};
}

// Two cards in a bond, a VLAN on it, a bridge on the VLAN, and one card for whatever is left.
inline NetworkSettings everything() {
  NetworkSettings settings;
  auto one = card("one", "52:54:00:00:00:01"), two = card("two", "52:54:00:00:00:02");
  without_addresses(one);
  without_addresses(two);
  auto bond = link("bond0", LinkKind::bond);
  bond.members.items = {made<LinkName>("one"), made<LinkName>("two")};
  bond.bond_mode = BondMode::lacp;
  bond.mtu.emplace().value = 9000;
  bond.ipv4 = fixed("192.0.2.10/24", "192.0.2.1");
  bond.ipv6 = fixed("2001:db8::10/64", "fe80::1");
  auto vlan = link("vlan10", LinkKind::vlan);
  vlan.parent = made<LinkName>("bond0");
  vlan.vlan_id.emplace().value = 10;
  without_addresses(vlan);
  auto bridge = link("br0", LinkKind::bridge);
  bridge.members.items = {made<LinkName>("vlan10")};
  settings.links.items = {one, two, bond, vlan, bridge, link("rest", LinkKind::ethernet)};
  settings.dns.items = {made<PlainAddress>("192.0.2.53"), made<PlainAddress>("2001:db8::53")};
  settings.search.items = {made<ServerName>("example.net")};
  return settings;
}

}  // namespace berth::host::testing
