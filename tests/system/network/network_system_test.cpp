// The real bridge, rules and resolver in a network namespace of this test's own; guests are namespaces behind veth pairs.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

#include "drivers/network/links.hpp"
#include "drivers/network/nft_network.hpp"
#include "firmware/base/process.hpp"
#include "tests/support/eventually.hpp"

namespace berth::network {
namespace {

using contract::GuestId;
using contract::NetworkSpec;
using contract::NicSpec;
using testing::Contains;
using testing::HasSubstr;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

ProgramOutput run(std::vector<std::string> argv) {
  return must(run_program(argv));
}

NetworkSpec network_spec() {
  return must(read_json<NetworkSpec>(R"({"gateway":"10.77.0.1","prefix":24,"nat":true})"));
}

struct TestGuest {
  std::string name;  // of its namespace
  GuestId id;
  NicSpec nic;
  Descriptor netns;

  TestGuest(int number, int group) : name("guest" + std::to_string(number)) {
    id = must(GuestId::parse(std::format("00000000-0000-7000-8000-0000000000{:02x}", number)));
    nic = must(read_json<NicSpec>(std::format(
        R"({{"mac":"52:54:00:00:00:{:02x}","address":"10.77.0.{}","prefix":24,"gateway":"10.77.0.1","dns":["10.77.0.1"],"peer_group":{}}})",
        number, 10 + number, group)));
    run({"/usr/sbin/ip", "netns", "add", name});
    netns.reset(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  }
  ~TestGuest() { run({"/usr/sbin/ip", "netns", "del", name}); }

  int exit_of(std::vector<std::string> argv) const {
    std::vector<std::string> all{"/usr/bin/nsenter", "--net=/run/netns/" + name};
    all.insert(all.end(), argv.begin(), argv.end());
    return run(all).exit_code;
  }
  // As a system without an address does; what was said about it.
  std::string asks_for_a_lease() const {
    exit_of({"/usr/sbin/ip", "addr", "flush", "dev", "eth0"});
    return run({"/usr/bin/nsenter", "--net=/run/netns/" + name, "/usr/bin/busybox", "udhcpc", "-f", "-i", "eth0", "-n",
                "-q", "-t", "5", "-s", "/bin/true"})
        .err;
  }
  // Asks until an answer comes: a link that was just made may lose its first packets.
  bool reaches(std::string const& address) const { return exit_of({"/usr/bin/ping", "-c1", "-w15", address}) == 0; }
  // As reaches(), from a guest that asked in vain before: until its kernel gives that up, it answers for its neighbour.
  bool meets(std::string const& address) const {
    for (int left = 20; left > 0; --left)
      if (pings(address)) return true;
    return false;
  }
  bool pings(std::string const& address) const { return exit_of({"/usr/bin/ping", "-c1", "-W1", address}) == 0; }
};

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/berth-network.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root = pattern;
    ASSERT_EQ(::chmod(root.c_str(), 0711), 0);
    for (auto const* name : {"state", "run"}) std::filesystem::create_directory(root / name);
    network = std::make_unique<NftNetwork>(contract::Directories{root / "state", root / "run"});
    must(network->restore());
    must(network->ensure_network(network_spec()));
  }
  void TearDown() override {
    must(network->take_down());
    EXPECT_FALSE(link_exists(contract::bridge_name));
    EXPECT_EQ(run({"/usr/sbin/nft", "list", "tables"}).out.find("berth"), std::string::npos);
    EXPECT_NE(run({"/usr/bin/pgrep", "dnsmasq"}).exit_code, 0);
    std::filesystem::remove_all(root);
  }
  void join(TestGuest const& guest) {
    must(network->connect(guest.id, guest.nic));
    must(network->plug_namespace(guest.id, guest.netns.get()));
  }
  int spoof(TestGuest const& a, TestGuest const& b, std::string const& relation) {
    auto const output = run({"/usr/bin/python3", SPOOF_SCRIPT, a.name, b.name, a.nic.mac.str(), a.nic.address.str(),
                             b.nic.mac.str(), b.nic.address.str(), "10.77.0.1", relation});
    printf("%s%s", output.out.c_str(), output.err.c_str());
    return output.exit_code;
  }

  std::filesystem::path root;
  std::unique_ptr<NftNetwork> network;
};

TEST_F(NetworkTest, SettingUpTwiceChangesNothing) {
  auto const before = run({"/usr/sbin/nft", "list", "ruleset"}).out;
  must(network->ensure_network(network_spec()));
  EXPECT_EQ(run({"/usr/sbin/nft", "list", "ruleset"}).out, before);
  EXPECT_THAT(must(addresses_of(contract::bridge_name)), Contains("10.77.0.1/24"));
}

TEST_F(NetworkTest, GuestsReachTheGatewayButNotEachOther) {
  TestGuest a(1, 0), b(2, 0);
  join(a);
  join(b);
  EXPECT_TRUE(a.reaches("10.77.0.1"));
  EXPECT_FALSE(a.pings("10.77.0.12"));
  EXPECT_EQ(spoof(a, b, "apart"), 0);
}

TEST_F(NetworkTest, GuestsOfOneGroupTalkAndStillCannotLie) {
  TestGuest a(1, 7), b(2, 7), c(3, 8);
  join(a);
  join(b);
  join(c);
  EXPECT_TRUE(a.reaches("10.77.0.12"));
  EXPECT_FALSE(a.pings("10.77.0.13"));
  EXPECT_FALSE(c.pings("10.77.0.11"));
  EXPECT_EQ(spoof(a, b, "together"), 0);
}

// What the panel does when a server joins and leaves, while it runs.
TEST_F(NetworkTest, GuestsMeetAfterJoiningAndPartAfterLeaving) {
  TestGuest a(1, 0), b(2, 0), c(3, 0);
  join(a);
  join(b);
  join(c);
  EXPECT_FALSE(a.pings("10.77.0.12"));
  auto const put = [&](TestGuest& guest, int group) {
    guest.nic.peer_group.value = group;
    must(network->connect(guest.id, guest.nic));
  };
  put(a, 2147483647);
  EXPECT_FALSE(a.pings("10.77.0.12")) << "one alone in a group reaches nobody";
  put(b, 2147483647);
  put(c, 1);
  EXPECT_TRUE(a.meets("10.77.0.12"));
  EXPECT_TRUE(b.meets("10.77.0.11"));
  EXPECT_FALSE(a.pings("10.77.0.13")) << "another group";
  EXPECT_FALSE(c.pings("10.77.0.12"));
  put(b, 2147483647);
  EXPECT_TRUE(a.meets("10.77.0.12")) << "told twice";
  put(b, 0);
  EXPECT_FALSE(a.pings("10.77.0.12"));
  EXPECT_FALSE(b.pings("10.77.0.11"));
  EXPECT_TRUE(b.meets("10.77.0.1"));
}

TEST_F(NetworkTest, AChangeOfTheGroupReplacesTheRulesAndTellingItAgainMendsThem) {
  TestGuest a(1, 0);
  join(a);
  auto const rules = [] { return run({"/usr/sbin/nft", "--stateless", "list", "table", "bridge", "berth"}).out; };
  auto const before = rules();
  a.nic.peer_group.value = 5;
  must(network->connect(a.id, a.nic));
  EXPECT_NE(rules(), before);
  a.nic.peer_group.value = 0;
  must(network->connect(a.id, a.nic));
  EXPECT_EQ(rules(), before) << "nothing is left of the group";
  run({"/usr/sbin/nft", "flush", "chain", "bridge", "berth", "peers_" + contract::interface_name(a.id)});
  must(network->connect(a.id, a.nic));
  EXPECT_EQ(rules(), before);
}

TEST_F(NetworkTest, GroupsSurviveARestartOfTheMachine) {
  TestGuest a(1, 0), b(2, 0);
  join(a);
  join(b);
  a.nic.peer_group.value = b.nic.peer_group.value = 4;
  must(network->connect(a.id, a.nic));
  must(network->connect(b.id, b.nic));
  must(network->take_down());
  NftNetwork other({root / "state", root / "run"});
  must(other.restore());
  must(other.plug_namespace(a.id, a.netns.get()));
  must(other.plug_namespace(b.id, b.netns.get()));
  EXPECT_TRUE(a.reaches("10.77.0.12"));
}

TEST_F(NetworkTest, OnlyDnsAndDhcpAnswerOnTheHost) {
  TestGuest a(1, 0);
  join(a);
  // Something that listens everywhere on the host, as a careless service would.
  auto scan = run({"/bin/sh", "-c",
                   "/usr/bin/nc -lk -p 8443 >/dev/null 2>&1 & listener=$!; "
                   "/usr/bin/nsenter --net=/run/netns/guest1 /usr/bin/nmap -n -Pn -sS -T4 --max-retries 1 -p "
                   "22,53,80,443,5900,8443,16509 -oG - 10.77.0.1; "
                   "kill $listener"});
  EXPECT_NE(scan.out.find("53/open"), std::string::npos) << scan.out;
  for (auto const* port :
       {"22/open", "80/open", "443/open", "5900/open", "8443/open", "16509/open", "22/closed", "8443/closed"})
    EXPECT_EQ(scan.out.find(port), std::string::npos) << scan.out;
}

TEST_F(NetworkTest, AnInstallerGetsItsAddressByDhcp) {
  TestGuest a(1, 0);
  join(a);
  EXPECT_THAT(a.asks_for_a_lease(), HasSubstr("lease of 10.77.0.11 obtained"));
}

// A lease has no end: it must not outlive the guest that had it.
TEST_F(NetworkTest, WhoGetsAnAddressNextGetsItByDhcpToo) {
  {
    TestGuest first(1, 0);
    join(first);
    ASSERT_THAT(first.asks_for_a_lease(), HasSubstr("lease of 10.77.0.11 obtained"));
    must(network->disconnect(first.id));
  }
  TestGuest next(2, 0);
  next.nic.address = must(contract::Ipv4::parse("10.77.0.11"));
  join(next);
  EXPECT_THAT(next.asks_for_a_lease(), HasSubstr("lease of 10.77.0.11 obtained"));
}

TEST_F(NetworkTest, CountersSurviveAChangeAndANewProcess) {
  TestGuest a(1, 0);
  join(a);
  EXPECT_TRUE(a.reaches("10.77.0.1"));
  auto const before = must(network->counters(a.id));
  EXPECT_GE(before.tx_bytes, 84u);  // one echo request: 20 + 8 + 56
  EXPECT_GE(before.rx_bytes, 84u);
  auto changed = a.nic;
  changed.peer_group.value = 3;
  must(network->connect(a.id, changed));
  NftNetwork other({root / "state", root / "run"});
  must(other.restore());
  auto const after = must(other.counters(a.id));
  EXPECT_GE(after.tx_bytes, before.tx_bytes);
  EXPECT_TRUE(a.reaches("10.77.0.1"));
}

TEST_F(NetworkTest, ARestartOfTheMachineBringsTheRulesBack) {
  TestGuest a(1, 0);
  join(a);
  must(network->take_down());
  NftNetwork other({root / "state", root / "run"});
  must(other.restore());
  must(other.plug_namespace(a.id, a.netns.get()));
  EXPECT_TRUE(a.reaches("10.77.0.1"));
}

TEST_F(NetworkTest, RulesThatSomebodyFlushedComeBack) {
  TestGuest a(1, 0), b(2, 0);
  join(a);
  join(b);
  EXPECT_TRUE(a.reaches("10.77.0.1"));
  auto const before = must(network->counters(a.id));
  ASSERT_EQ(run({"/usr/sbin/nft", "flush", "ruleset"}).exit_code, 0);
  auto const resolvers = [&](char const* program) {
    return run({program, "-f", "--", "--pid-file=" + (root / "run").string()}).exit_code == 0;
  };
  ASSERT_TRUE(resolvers("/usr/bin/pkill"));
  ASSERT_TRUE(support::eventually([&] { return !resolvers("/usr/bin/pgrep"); }));
  contract::NicCounters after;
  ASSERT_TRUE(support::eventually([&] {
    after = must(network->counters(a.id));
    return resolvers("/usr/bin/pgrep");
  }));
  EXPECT_GE(after.tx_bytes, before.tx_bytes);
  EXPECT_TRUE(a.reaches("10.77.0.1"));
  EXPECT_FALSE(a.pings("10.77.0.12"));
}

TEST_F(NetworkTest, ADisconnectedGuestLeavesNothing) {
  auto const before = run({"/usr/sbin/nft", "list", "ruleset"}).out;
  {
    TestGuest a(1, 0);
    join(a);
    must(network->disconnect(a.id));
    must(network->disconnect(a.id));
    EXPECT_FALSE(link_exists(contract::interface_name(a.id)));
  }
  EXPECT_EQ(run({"/usr/sbin/nft", "list", "ruleset"}).out, before);
  EXPECT_TRUE(must(network->connected_guests()).empty());
}

TEST_F(NetworkTest, ConflictsAndBadInputChangeNothing) {
  TestGuest a(1, 0), b(2, 0);
  join(a);
  auto taken = b.nic;
  taken.address = a.nic.address;
  EXPECT_EQ(network->connect(b.id, taken).error().slug, "address-taken");
  taken = b.nic;
  taken.mac = a.nic.mac;
  EXPECT_EQ(network->connect(b.id, taken).error().slug, "mac-taken");
  for (auto const* bad : {"10.77.0.1", "10.77.0.0", "10.77.0.255", "10.78.0.5", "999.1.1.1"}) {
    auto wrong = b.nic;
    wrong.address = must(contract::Ipv4::parse(bad));
    auto const result = network->connect(b.id, wrong);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().fields.at(0).pointer, "/nic/address") << bad;
  }
  EXPECT_EQ(must(network->connected_guests()).size(), 1u);
  auto moved = network_spec();
  moved.gateway = must(contract::Ipv4::parse("10.99.0.1"));
  EXPECT_EQ(network->ensure_network(moved).error().slug, "network-in-use");
  EXPECT_EQ(network->plug_namespace(b.id, b.netns.get()).error().slug, "not-connected");
}

}  // namespace
}  // namespace berth::network

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // Everything below happens in namespaces that end with this process.
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    perror("unshare");
    return 1;
  }
  ::mount("sysfs", "/sys", "sysfs", 0, nullptr);
  std::filesystem::create_directories("/run/netns");
  ::mount("berth-netns", "/run/netns", "tmpfs", 0, nullptr);
  return RUN_ALL_TESTS();
}
