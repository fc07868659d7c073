// The network: ensure_network, connect_network, disconnect_network.
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

TEST_P(EngineContract, TheNetworkMayBeEnsuredAgain) {
  EXPECT_TRUE(ok(engine().ensure_network(test_network())));
  connect(1);
  EXPECT_TRUE(ok(engine().ensure_network(test_network())));
}

TEST_P(EngineContract, TheGatewayStaysWhileGuestsAreConnected) {
  connect(1);
  auto moved = test_network();
  moved.gateway = made<Ipv4>("10.73.0.254");
  EXPECT_EQ(code_of(engine().ensure_network(moved)), ErrorCode::conflict);
  ASSERT_TRUE(ok(engine().disconnect_network(guest_id(1))));
  EXPECT_TRUE(ok(engine().ensure_network(moved)));
  EXPECT_TRUE(ok(engine().ensure_network(test_network())));
}

TEST_P(EngineContract, ANetworkSaysWhichFieldIsBad) {
  auto bad = test_network();
  for (auto const* address : {"10.73.0.256", "10.73.0", "010.73.0.1", "10.73.0.0", "127.0.0.1", "224.0.0.1"}) {
    bad.gateway = made<Ipv4>(address);
    EXPECT_EQ(bad_field(engine().ensure_network(bad)), "/gateway") << address;
  }
}

TEST_P(EngineContract, AConnectionMayBeRepeatedAndTakenBack) {
  connect(1);
  connect(1);
  EXPECT_TRUE(ok(engine().disconnect_network(guest_id(1))));
  EXPECT_TRUE(ok(engine().disconnect_network(guest_id(1)))) << "absent is success";
  connect(1);
}

TEST_P(EngineContract, ThePeerGroupChangesWhileTheGuestRuns) {
  unsigned number = 0;
  for (auto kind : both_kinds) {
    auto wanted = run(++number, kind);
    for (auto const group : {2147483647, 3, 3, 0}) {
      wanted.nic.peer_group.value = group;
      EXPECT_TRUE(ok(engine().connect_network(wanted.guest, wanted.nic))) << group;
      EXPECT_TRUE(ok(engine().define_guest(wanted))) << "the definition does not know the group";
      EXPECT_EQ(state(wanted.guest), GuestState::running) << group;
    }
  }
}

TEST_P(EngineContract, NoTwoGuestsHoldOneAddress) {
  connect(1);
  auto other = test_nic(2);
  other.mac = test_nic(1).mac;
  EXPECT_EQ(code_of(engine().connect_network(guest_id(2), other)), ErrorCode::conflict);
  other = test_nic(2);
  other.address = test_nic(1).address;
  EXPECT_EQ(code_of(engine().connect_network(guest_id(2), other)), ErrorCode::conflict);
  EXPECT_TRUE(ok(engine().connect_network(guest_id(2), test_nic(2))));
}

TEST_P(EngineContract, AConnectionSaysWhichFieldIsBad) {
  auto const refused = [&](auto change) {
    auto nic = test_nic(1);
    change(nic);
    return bad_field(engine().connect_network(guest_id(1), nic));
  };
  EXPECT_EQ(refused([](NicSpec& n) { n.mac = made<MacAddress>("53:54:00:be:27:01"); }), "/nic/mac") << "multicast";
  EXPECT_EQ(refused([](NicSpec& n) { n.mac = made<MacAddress>("00:16:3e:be:27:01"); }), "/nic/mac") << "a maker's";
  EXPECT_EQ(refused([](NicSpec& n) { n.mac = made<MacAddress>("52:54:00:BE:27:01"); }), "/nic/mac") << "upper case";
  EXPECT_EQ(refused([](NicSpec& n) { n.address = made<Ipv4>("10.73.0.255"); }), "/nic/address") << "broadcast";
  EXPECT_EQ(refused([](NicSpec& n) { n.address = n.gateway; }), "/nic/address");
  EXPECT_EQ(refused([](NicSpec& n) { n.gateway = made<Ipv4>("10.74.0.1"); }), "/nic/gateway") << "outside";
  EXPECT_EQ(refused([](NicSpec& n) { n.dns.items.push_back(made<Ipv4>("1.2.3.four")); }), "/nic/dns/1");
  EXPECT_EQ(bad_field(engine().connect_network(made<GuestId>(std::string(36, 'g')), test_nic(1))), "/guest");
  EXPECT_EQ(bad_field(engine().disconnect_network(made<GuestId>(std::string(36, 'g')))), "/guest");
}

}  // namespace
}  // namespace berth::contract::testing
