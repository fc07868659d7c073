// The settings of the machine's network as systemd-networkd's files: exact text, and nothing that leaves its line.
#include "drivers/host/networkd_files.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "drivers/contract/machine_checks.hpp"
#include "tests/unit/host/networkd_reader.hpp"

namespace berth::host::testing {
namespace {

std::string text_of(std::vector<NetworkdFile> const& files, std::string_view name) {
  for (auto const& file : files)
    if (file.name == name) return file.text;
  std::string names;
  for (auto const& file : files) names += " " + file.name;
  return "no such file; there are" + names;
}

// What order means nothing in.
std::string canonical(NetworkSettings settings) {
  std::ranges::sort(settings.links.items, {}, [](auto const& one) { return one.name.str(); });
  for (auto& one : settings.links.items) std::ranges::sort(one.members.items);
  return write_json(settings);
}

TEST(NetworkdFiles, SayWhatABondOverTwoCardsNeeds) {
  auto const files = networkd_files(everything());
  ASSERT_TRUE(files) << describe(files.error());
  EXPECT_EQ(text_of(*files, "50-berth-bond0.netdev"),
            "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=802.3ad\nMIIMonitorSec=100ms\n");
  EXPECT_EQ(text_of(*files, "50-berth-1-one.network"),
            "[Match]\nPermanentMACAddress=52:54:00:00:00:01\nType=ether\nKind=!*\n\n[Network]\nDescription=berth "
            "one\nDHCP=no\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nMulticastDNS=no\nDNS=192.0.2.53\nDNS=2001:db8::"
            "53\nDomains=example."
            "net\nBond=bond0\n");
  EXPECT_EQ(text_of(*files, "50-berth-3-bond0.network"),
            "[Match]\nName=bond0\nKind=bond\n\n[Link]\nMTUBytes=9000\n\n[Network]\nDescription=berth "
            "bond0\nDHCP=no\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=no\nMulticastDNS=yes\nAddress=192.0.2.10/"
            "24\nAddress=2001:db8::10/"
            "64\nDNS=192.0.2.53\nDNS=2001:db8::53\nDomains=example.net\nVLAN=vlan10\n\n[Route]\nGateway=192.0.2.1\n\n["
            "Route]\nGateway=fe80::1\n");
  EXPECT_EQ(text_of(*files, "50-berth-vlan10.netdev"), "[NetDev]\nName=vlan10\nKind=vlan\n\n[VLAN]\nId=10\n");
  EXPECT_TRUE(text_of(*files, "50-berth-9-rest.network").starts_with("[Match]\nType=ether\nKind=!*\n"));
}

TEST(NetworkdFiles, ARouterOutsideTheNetworkIsOnTheLink) {
  for (auto const& [address, gateway, on_link] : {std::tuple{"192.0.2.10/24", "192.0.2.1", false},
                                                  {"192.0.2.10/32", "198.51.100.1", true},
                                                  {"10.0.0.1/9", "10.127.0.1", false},
                                                  {"10.0.0.1/9", "10.128.0.1", true}}) {
    NetworkSettings settings;
    settings.links.items = {card("uplink", "52:54:00:00:00:01")};
    settings.links.items[0].ipv4 = fixed(address, gateway);
    auto const text = text_of(networkd_files(settings).value(), "50-berth-2-uplink.network");
    EXPECT_EQ(text.contains("GatewayOnLink=yes\n"), on_link) << address << " " << gateway;
  }
}

TEST(NetworkdFiles, RefuseWhatTheContractRefuses) {
  auto settings = everything();
  settings.links.items[2].members.items.push_back(made<LinkName>("nobody"));
  auto const files = networkd_files(settings);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().fields.at(0).pointer, "/settings/links/2/members/2");
}

// A value of a Text type as careless or hostile hands would fill it.
template <class T>
rc::Gen<T> text_of_any(std::vector<std::string> good) {
  auto const evil =
      rc::gen::map(rc::gen::pair(rc::gen::elementOf(good),
                                 rc::gen::element<std::string>("\n[Match]\nName=*", "\r", std::string(1, '\0'), "[",
                                                               "]", "\\", "=", " x", "#", ";", "%n", "\n",
                                                               "\xe2\x80\xa8", "'", "\"", "\t", "/../x")),
                   [](auto const& parts) { return parts.first + parts.second; });
  auto const any = rc::gen::weightedOneOf<std::string>({{9, rc::gen::elementOf(good)}, {1, evil}});
  return rc::gen::map(any, [good](std::string const& text) {
    auto parsed = T::parse(text);
    return parsed ? *parsed : T::parse(good[0]).value();
  });
}

rc::Gen<AddressSettings> addresses(std::vector<std::string> with_prefix, std::vector<std::string> plain) {
  return rc::gen::exec([=] {
    AddressSettings settings;
    settings.method = *rc::gen::element(AddressMethod::automatic, AddressMethod::fixed, AddressMethod::off);
    if (settings.method != AddressMethod::fixed) return settings;
    settings.address = *text_of_any<AddressWithPrefix>(with_prefix);
    if (*rc::gen::arbitrary<bool>()) settings.gateway = *text_of_any<PlainAddress>(plain);
    return settings;
  });
}

rc::Gen<NetworkSettings> any_settings() {
  return rc::gen::exec([] {
    NetworkSettings settings;
    auto const count = *rc::gen::inRange(1, 7);
    for (int i = 0; i < count; ++i) {
      auto one = link("l" + std::to_string(i), *rc::gen::element(LinkKind::ethernet, LinkKind::ethernet, LinkKind::bond,
                                                                 LinkKind::bridge, LinkKind::vlan));
      one.name = *text_of_any<LinkName>({one.name.str()});
      if (one.kind == LinkKind::ethernet && (i > 0 || *rc::gen::arbitrary<bool>()))
        one.cards.items.push_back(*text_of_any<MacAddress>({"52:54:00:00:00:0" + std::to_string(i)}));
      if (one.kind == LinkKind::bond) one.bond_mode = *rc::gen::element(BondMode::active_backup, BondMode::lacp);
      if (*rc::gen::arbitrary<bool>()) one.mtu.emplace().value = *rc::gen::inRange(1280, 9217);
      one.ipv4 = *addresses({"192.0.2.10/24", "10.1.2.3/8", "203.0.113.7/32"}, {"192.0.2.1", "10.0.0.1"});
      one.ipv6 = *addresses({"2001:db8::10/64", "fd00::1/128"}, {"fe80::1", "2001:db8::1"});
      if (one.kind == LinkKind::vlan) one.vlan_id.emplace().value = *rc::gen::inRange(1, 4095);
      settings.links.items.push_back(std::move(one));
    }
    // Whom each is a member of, or rides on: among those that may be.
    for (auto& one : settings.links.items) {
      auto& other = settings.links.items[*rc::gen::inRange<std::size_t>(0, settings.links.size())];
      if (one.kind == LinkKind::vlan && (other.kind == LinkKind::ethernet || other.kind == LinkKind::bond))
        one.parent = other.name;
      if ((one.kind == LinkKind::bond && other.kind == LinkKind::ethernet) ||
          (one.kind == LinkKind::bridge && other.kind != LinkKind::bridge && &one != &other)) {
        without_addresses(other);
        one.members.items.push_back(other.name);
      }
    }
    if (*rc::gen::arbitrary<bool>())
      settings.dns.items.push_back(*text_of_any<PlainAddress>({"192.0.2.53", "2001:db8::53"}));
    if (*rc::gen::arbitrary<bool>()) settings.search.items.push_back(*text_of_any<ServerName>({"example.net", "a.b"}));
    return settings;
  });
}

RC_GTEST_PROP(NetworkdFilesProperty, WhatIsWrittenReadsBackTheSame, ()) {
  auto const settings = *any_settings();
  auto const files = networkd_files(settings);
  RC_CLASSIFY(files.has_value(), "accepted");
  if (!files) {
    RC_ASSERT(files.error().code == ErrorCode::invalid_argument);
    return;
  }
  for (auto const& file : *files) {
    RC_ASSERT(is_networkd_file_name(file.name));
    RC_ASSERT(file.name.find_first_of(std::string("/\n\0", 3)) == std::string::npos);
  }
  RC_ASSERT(canonical(NetworkdReader().read(*files)) == canonical(settings));
}

}  // namespace
}  // namespace berth::host::testing
