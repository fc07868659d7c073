// What the contract refuses of the machine's settings, and where it points.
#include "drivers/contract/machine_checks.hpp"

#include <gtest/gtest.h>

#include "tests/unit/host/network_examples.hpp"

namespace berth::contract {
namespace {

using namespace berth::host::testing;

// The pointers of what is wrong, in order.
std::vector<std::string> complaints(NetworkSettings const& settings) {
  auto const checked = check(settings);
  std::vector<std::string> pointers;
  if (!checked)
    for (auto const& field : checked.error().fields) pointers.push_back(field.pointer);
  return pointers;
}
using Pointers = std::vector<std::string>;

TEST(MachineChecks, TakeWhatFits) {
  EXPECT_EQ(complaints(network_as_new()), Pointers{});
  EXPECT_EQ(complaints(everything()), Pointers{});
}

TEST(MachineChecks, NamesAreTheKernelsOwnFormAndNobodyElses) {
  for (auto const* name :
       {"Uplink", "1link", "a b", "x/y", "a..", "-a", "berth0", "bt0123456789ab", "lo", "[a]", "a%n"}) {
    NetworkSettings settings;
    settings.links.items = {link(name, LinkKind::ethernet)};
    EXPECT_EQ(complaints(settings), Pointers{"/settings/links/0/name"}) << name;
  }
}

TEST(MachineChecks, CardsAreNamedOnceAndOneLinkTakesTheRest) {
  NetworkSettings settings;
  settings.links.items = {card("a", "52:54:00:00:00:01"), card("b", "52:54:00:00:00:01"),
                          card("c", "53:54:00:00:00:01"), link("d", LinkKind::ethernet), link("e", LinkKind::ethernet)};
  EXPECT_EQ(complaints(settings),
            (Pointers{"/settings/links/1/cards/0", "/settings/links/2/cards/0", "/settings/links/4/cards"}));
}

TEST(MachineChecks, MembersAreThereFitAndHaveNoAddressesOfTheirOwn) {
  auto settings = everything();
  settings.links.items[0].ipv4.method = AddressMethod::automatic;
  settings.links.items[4].members.items = {made<LinkName>("one"), made<LinkName>("br0")};
  EXPECT_EQ(complaints(settings), (Pointers{"/settings/links/2/members/0", "/settings/links/4/members/0",
                                            "/settings/links/4/members/0", "/settings/links/4/members/1"}));
}

TEST(MachineChecks, AVlanRidesOnACardOrABond) {
  auto settings = everything();
  settings.links.items[3].parent = made<LinkName>("br0");
  EXPECT_EQ(complaints(settings), Pointers{"/settings/links/3/parent"});
  settings.links.items[3].parent.reset();
  settings.links.items[3].vlan_id.reset();
  EXPECT_EQ(complaints(settings), (Pointers{"/settings/links/3/parent", "/settings/links/3/vlan_id"}));
}

TEST(MachineChecks, AddressesAreOfTheirFamilyAndHaveAPrefix) {
  for (auto const* address : {"", "192.0.2.10", "192.0.2.10/33", "192.0.2.10/0", "192.0.2.10/", "192.0.2.10/+8",
                              "192.0.2.10/8x", "2001:db8::1/64", "192.0.2/24", "192.0.2.10/024x"}) {
    NetworkSettings settings;
    settings.links.items = {card("a", "52:54:00:00:00:01")};
    settings.links.items[0].ipv4 = fixed(address);
    EXPECT_EQ(complaints(settings), Pointers{"/settings/links/0/ipv4/address"}) << address;
  }
}

TEST(MachineChecks, AZoneIsAName) {
  TimeSettings settings;
  for (auto const* zone : {"../../etc/passwd", "/etc/passwd", "Europe/..", "Europe Berlin", ".hidden"}) {
    settings.time_zone = made<Text<1, 64>>(zone);
    EXPECT_FALSE(check(settings)) << zone;
  }
  settings.time_zone = made<Text<1, 64>>("America/Argentina/Buenos_Aires");
  EXPECT_TRUE(check(settings));
  settings.unix_seconds.emplace().value = 1;
  EXPECT_FALSE(check(settings)) << "a clock that is set, and kept by NTP";
}

}  // namespace
}  // namespace berth::contract
