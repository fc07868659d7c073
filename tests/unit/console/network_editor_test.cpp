#include "firmware/console/network_editor.hpp"

#include <gtest/gtest.h>

#include "drivers/contract/machine_checks.hpp"
#include "tests/unit/console/script.hpp"

namespace berth::console {
namespace {

using contract::AddressMethod;
using contract::LinkKind;

contract::NetworkSettings one_card() {
  contract::NetworkSettings settings;
  contract::LinkSettings link;
  link.name = *contract::LinkName::parse("uplink");
  settings.links.items.push_back(link);
  return settings;
}

std::vector<contract::LinkFacts> two_cards() {
  return {{"enp1s0", "52:54:00:00:00:01", "virtio_net", true, {"192.0.2.7/24"}},
          {"enp2s0", "52:54:00:00:00:02", "e1000e", false, {}},
          {"berth0", "52:54:00:00:00:03", "", true, {}}};
}

struct Edited {
  std::optional<contract::NetworkSettings> settings;
  std::string shown;
};

Edited edit(contract::NetworkSettings const& settings, std::deque<std::string> typed) {
  Script script(std::move(typed));
  Dialogue dialogue(script);
  auto edited = NetworkEditor(dialogue, settings, two_cards()).edit();
  EXPECT_TRUE(script.used_up());
  EXPECT_LE(widest(script.shown), Dialogue::columns);
  return {std::move(edited), script.shown};
}

TEST(NetworkEditor, leaving_changes_nothing) {
  EXPECT_FALSE(edit(one_card(), {"0"}).settings);
}

TEST(NetworkEditor, a_fixed_address_with_its_gateway) {
  auto const edited = edit(one_card(), {"1", "1", "2", "192.0.2.10/24", "192.0.2.1", "5"});
  ASSERT_TRUE(edited.settings);
  auto const& link = edited.settings->links.items.front();
  EXPECT_EQ(link.ipv4.method, AddressMethod::fixed);
  EXPECT_EQ(link.ipv4.address.str(), "192.0.2.10/24");
  EXPECT_EQ(link.ipv4.gateway.str(), "192.0.2.1");
  EXPECT_TRUE(check(*edited.settings));
  EXPECT_NE(edited.shown.find("IPv4 192.0.2.10/24 by way of 192.0.2.1"), std::string::npos);
}

TEST(NetworkEditor, a_card_is_chosen_from_those_that_are_there) {
  auto const edited = edit(one_card(), {"1", "3", "3", "5"});
  ASSERT_TRUE(edited.settings);
  ASSERT_EQ(edited.settings->links.items.front().cards.size(), 1u);
  EXPECT_EQ(edited.settings->links.items.front().cards.items.front().str(), "52:54:00:00:00:02");
}

TEST(NetworkEditor, a_vlan_on_a_card) {
  auto const edited = edit(one_card(), {"2", "2", "vlan20", "1", "20", "6"});
  ASSERT_TRUE(edited.settings);
  auto const& link = edited.settings->links.items.back();
  EXPECT_EQ(link.kind, LinkKind::vlan);
  EXPECT_EQ(link.vlan_id->value, 20);
  EXPECT_EQ(link.parent->str(), "uplink");
  EXPECT_TRUE(check(*edited.settings));
}

TEST(NetworkEditor, a_vlan_number_out_of_range_adds_nothing) {
  auto const edited = edit(one_card(), {"2", "2", "", "1", "4095", "5"});
  ASSERT_TRUE(edited.settings);
  EXPECT_EQ(edited.settings->links.size(), 1u);
}

TEST(NetworkEditor, a_bond_takes_its_members_addresses_away) {
  auto settings = one_card();
  settings.links.items.front().cards.items.push_back(*contract::MacAddress::parse("52:54:00:00:00:01"));
  auto second = settings.links.items.front();
  second.name = *contract::LinkName::parse("second");
  second.cards.items.front() = *contract::MacAddress::parse("52:54:00:00:00:02");
  settings.links.items.push_back(second);
  auto const edited = edit(settings, {"3", "3", "", "yes", "1", "2", "0", "7"});
  ASSERT_TRUE(edited.settings);
  auto const& bond = edited.settings->links.items.back();
  EXPECT_EQ(bond.kind, LinkKind::bond);
  EXPECT_EQ(bond.bond_mode, contract::BondMode::lacp);
  EXPECT_EQ(bond.members.size(), 2u);
  EXPECT_EQ(edited.settings->links.items.front().ipv4.method, AddressMethod::off);
  EXPECT_TRUE(check(*edited.settings));
}

TEST(NetworkEditor, dns_servers_are_at_most_four) {
  auto const edited =
      edit(one_card(), {"4", "9.9.9.9 2620:fe::fe", "4", "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5", "5"});
  ASSERT_TRUE(edited.settings);
  ASSERT_EQ(edited.settings->dns.size(), 2u);
  EXPECT_EQ(edited.settings->dns.items[1].str(), "2620:fe::fe");
}

}  // namespace
}  // namespace berth::console
