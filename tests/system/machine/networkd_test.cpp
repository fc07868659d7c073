// systemd-networkd itself on what we write for it: in a network namespace of this process, with virtual cards.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "drivers/host/machine_network.hpp"
#include "firmware/base/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/host/machine_world.hpp"
#include "tests/unit/host/network_examples.hpp"

namespace berth::host::testing {
namespace {

std::string run(std::vector<std::string> const& argv) {
  auto const ran = run_checked(argv);
  EXPECT_TRUE(ran) << describe(ran.error());
  return ran.value_or("");
}

// Does to systemd-networkd what the service manager would: nobody else is asked for anything here.
class NetworkdBus final : public SystemBus {
 public:
  ~NetworkdBus() override { stop(); }
  Result<void> restart_unit(std::string const& unit) override {
    EXPECT_EQ(unit, "systemd-networkd.service");
    stop();
    child_ = ::fork();
    if (child_ == 0) {
      ::execl("/usr/lib/systemd/systemd-networkd", "systemd-networkd", nullptr);
      ::_exit(127);
    }
    return {};
  }
  Result<void> start_unit(std::string const&) override { return nobody(); }
  Result<void> stop_unit(std::string const&) override { return nobody(); }
  Result<void> reload_unit(std::string const&) override { return nobody(); }
  Result<void> start_irreversibly(std::string const&) override { return nobody(); }
  Result<void> end_sessions(std::string const&) override { return nobody(); }
  Result<void> set_clock(std::chrono::sys_seconds) override { return nobody(); }

 private:
  static Result<void> nobody() { return fail(ErrorCode::unavailable, "system-bus-down", "Nobody is there."); }
  void stop() {
    if (child_ <= 0) return;
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  pid_t child_ = -1;
};

class Networkd : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    // networkd waits for udev where it could write to /sys.
    ASSERT_EQ(::mount("sysfs", "/sys", "sysfs", MS_RDONLY, nullptr), 0);
    std::filesystem::create_directories("/run/systemd");
    ASSERT_EQ(::mount("tmpfs", "/run/systemd", "tmpfs", 0, "mode=755"), 0);
    run({"ip", "link", "set", "lo", "up"});
    for (auto const* number : {"1", "2"}) {
      auto const card = std::string("card") + number, far = std::string("far") + number;
      run({"ip", "link", "add", card, "address", std::string("52:54:00:00:00:0") + number, "type", "veth", "peer",
           "name", far});
      run({"ip", "link", "set", far, "up"});
    }
  }

  Networkd() {
    paths_ = folders_.paths;
    paths_.networkd = "/run/systemd/network";
    std::filesystem::remove_all(paths_.networkd);
    network_ = std::make_unique<MachineNetwork>(paths_, bus_, NetworkdOptions{.card_kind = "veth"});
    network_->begin();
  }

  void try_it(NetworkSettings settings) {
    TryNetwork wish{std::move(settings), {}};
    wish.confirm_within_s.value = 600;
    auto const tried = network_->attempt(wish);
    ASSERT_TRUE(tried) << describe(tried.error());
  }
  static bool has_address(std::string const& name, std::string const& address) {
    auto const shown = run_program({"ip", "-brief", "address", "show", "dev", name});
    return shown && shown->exit_code == 0 && shown->out.contains(address);
  }
  static void await_address(std::string const& name, std::string const& address, bool wanted = true) {
    EXPECT_TRUE(support::eventually([&] { return has_address(name, address) == wanted; }, std::chrono::minutes(1)))
        << name << " " << address << "\n"
        << run({"ip", "address"});
  }
  static bool is_there(std::string const& name) { return std::filesystem::exists("/sys/class/net/" + name); }

  static LinkSettings plain_card(std::string_view name, std::string_view mac) {
    auto settings = card(name, mac);
    without_addresses(settings);
    return settings;
  }

  MachineFolders folders_;
  MachinePaths paths_;
  NetworkdBus bus_;
  std::unique_ptr<MachineNetwork> network_;
};

TEST_F(Networkd, GivesACardItsAddressAndARouterOutsideOfItsNetwork) {
  NetworkSettings settings;
  settings.links.items = {plain_card("uplink", "52:54:00:00:00:01")};
  settings.links.items[0].ipv4 = fixed("192.0.2.10/32", "198.51.100.1");
  settings.links.items[0].ipv6 = fixed("2001:db8::10/64");
  settings.links.items[0].mtu.emplace().value = 1400;
  try_it(settings);
  await_address("card1", "192.0.2.10/32");
  await_address("card1", "2001:db8::10/64");
  EXPECT_TRUE(support::eventually([] {
    return run({"ip", "route", "show", "default"}).contains("via 198.51.100.1 dev card1");
  })) << run({"ip", "route"});
  EXPECT_TRUE(run({"ip", "link", "show", "card1"}).contains("mtu 1400"));
  ASSERT_TRUE(network_->confirm());

  auto changed = settings;
  changed.links.items[0].ipv4 = fixed("192.0.2.20/24");
  try_it(changed);
  await_address("card1", "192.0.2.20/24");
  await_address("card1", "192.0.2.10/32", false);
  ASSERT_TRUE(network_->revert());
  await_address("card1", "192.0.2.10/32");
  await_address("card1", "192.0.2.20/24", false);
}

TEST_F(Networkd, MakesABridgeAndRemovesItWhenItIsTakenBack) {
  NetworkSettings settings;
  auto bridge = link("br0", LinkKind::bridge);
  bridge.members.items = {made<LinkName>("one")};
  bridge.ipv4 = fixed("192.0.2.30/24");
  bridge.ipv6.method = AddressMethod::off;
  settings.links.items = {plain_card("one", "52:54:00:00:00:01"), bridge};
  try_it(settings);
  await_address("br0", "192.0.2.30/24");
  EXPECT_TRUE(run({"ip", "link", "show", "card1"}).contains("master br0"));
  auto const state = network_->state().value();
  EXPECT_TRUE(std::ranges::any_of(state.links, [](auto const& one) {
    return one.name == "br0" && one.carrier && one.addresses == std::vector<std::string>{"192.0.2.30/24"};
  })) << write_json(state);
  ASSERT_TRUE(network_->revert());
  EXPECT_FALSE(is_there("br0"));
}

TEST_F(Networkd, TakesTheCardOfTheMacThatIsNamed) {
  NetworkSettings settings;
  auto other = plain_card("other", "52:54:00:00:00:02");
  other.ipv4 = fixed("192.0.2.40/24");
  auto rest = link("rest", LinkKind::ethernet);
  rest.ipv4 = fixed("198.51.100.40/24");
  rest.ipv6.method = AddressMethod::off;
  settings.links.items = {rest, other};
  try_it(settings);
  await_address("card2", "192.0.2.40/24");
  await_address("card1", "198.51.100.40/24");
  EXPECT_FALSE(has_address("card2", "198.51.100.40"));
}

}  // namespace
}  // namespace berth::host::testing
