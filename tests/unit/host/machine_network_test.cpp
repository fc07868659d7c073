// Trying network settings, keeping them, and every way back.
#include "drivers/host/machine_network.hpp"

#include <gtest/gtest.h>

#include "tests/support/eventually.hpp"
#include "tests/unit/host/machine_world.hpp"
#include "tests/unit/host/network_examples.hpp"

namespace berth::host::testing {
namespace {

class MachineNetworkTest : public ::testing::Test {
 protected:
  MachineNetworkTest() { start(); }

  // The engine ends, however hard, and another one begins.
  void start() {
    network_.reset();
    network_ = std::make_unique<MachineNetwork>(folders_.paths, bus_);
    network_->begin();
  }
  static TryNetwork wish(std::string_view address) {
    TryNetwork wish;
    wish.settings.links.items = {card("uplink", "52:54:00:00:00:01")};
    wish.settings.links.items[0].ipv4 = fixed(address);
    wish.confirm_within_s.value = 600;
    return wish;
  }
  std::string in_force() {
    std::string all;
    std::error_code none;
    for (auto const& entry : std::filesystem::directory_iterator(folders_.paths.networkd, none))
      all += MachineFolders::read(entry.path());
    return all;
  }
  NetworkState state() { return network_->state().value(); }

  MachineFolders folders_;
  NotedBus bus_;
  std::unique_ptr<MachineNetwork> network_;
};

TEST_F(MachineNetworkTest, ANewMachineHasOneLinkWithEverythingAutomaticAndLeavesItToTheImage) {
  EXPECT_TRUE(same(state().kept, network_as_new()));
  EXPECT_FALSE(state().tried);
  ASSERT_TRUE(write_network_files(folders_.paths));
  EXPECT_EQ(in_force(), "");
}

TEST_F(MachineNetworkTest, WhatIsTriedIsInForceAndWhatIsConfirmedStays) {
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  EXPECT_TRUE(in_force().contains("Address=192.0.2.10/24\n"));
  EXPECT_EQ(bus_.asked(), std::vector<std::string>{"restart systemd-networkd.service"});
  EXPECT_TRUE(same(state().kept, network_as_new()));
  ASSERT_TRUE(state().tried);
  EXPECT_GT(state().seconds_left, 590);

  EXPECT_TRUE(network_->attempt(wish("192.0.2.10/24"))) << "once more is no other wish";
  auto const other = network_->attempt(wish("192.0.2.11/24"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);

  ASSERT_TRUE(network_->confirm());
  EXPECT_TRUE(network_->confirm()) << "the answer may have been lost with the old address";
  EXPECT_FALSE(state().tried);
  start();
  EXPECT_EQ(state().kept.links.items[0].ipv4.address.str(), "192.0.2.10/24");
  std::filesystem::remove_all(folders_.paths.networkd);
  ASSERT_TRUE(write_network_files(folders_.paths));
  EXPECT_TRUE(in_force().contains("Address=192.0.2.10/24\n"));
}

TEST_F(MachineNetworkTest, WhatNobodyConfirmsIsTakenBack) {
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  ASSERT_TRUE(network_->confirm());
  ASSERT_TRUE(network_->attempt(wish("192.0.2.11/24")));
  ASSERT_TRUE(network_->revert());
  EXPECT_TRUE(network_->revert());
  EXPECT_TRUE(in_force().contains("Address=192.0.2.10/24\n"));
  EXPECT_FALSE(in_force().contains("192.0.2.11"));
  auto const late = network_->confirm();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::conflict);
}

TEST_F(MachineNetworkTest, TheDeadlineComesByItself) {
  auto soon = wish("192.0.2.10/24");
  soon.confirm_within_s.value = 1;  // less than the contract lets anybody ask for: this is its body, not its door
  ASSERT_TRUE(network_->attempt(soon));
  EXPECT_TRUE(support::eventually([&] { return !state().tried; }));
  EXPECT_EQ(in_force(), "");
  EXPECT_FALSE(network_->confirm());
}

TEST_F(MachineNetworkTest, ADeadlineThatIsNearerThanTheLastOneCounts) {
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  ASSERT_TRUE(network_->confirm());
  auto soon = wish("192.0.2.11/24");
  soon.confirm_within_s.value = 1;
  ASSERT_TRUE(network_->attempt(soon));
  EXPECT_TRUE(support::eventually([&] { return !state().tried; }));
  EXPECT_TRUE(in_force().contains("Address=192.0.2.10/24\n"));
}

TEST_F(MachineNetworkTest, AnEngineThatDiesMeanwhileTakesItBackWhenItReturns) {
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  start();
  EXPECT_TRUE(support::eventually([&] { return !state().tried; }));
  EXPECT_EQ(in_force(), "");
}

TEST_F(MachineNetworkTest, ARestartOfTheMachineTakesItBack) {
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  network_.reset();
  std::filesystem::remove_all(folders_.paths.networkd);  // as /run is
  std::filesystem::remove(folders_.paths.runtime / "network-trial.json");
  ASSERT_TRUE(write_network_files(folders_.paths));
  EXPECT_EQ(in_force(), "");
  start();
  EXPECT_FALSE(state().tried);
}

TEST_F(MachineNetworkTest, ServicesThatDoNotAnswerLeaveNothingTried) {
  bus_.refuse(true);
  auto const tried = network_->attempt(wish("192.0.2.10/24"));
  ASSERT_FALSE(tried);
  EXPECT_EQ(tried.error().code, ErrorCode::unavailable);
  EXPECT_EQ(in_force(), "") << "the files are those of what is kept";
  bus_.refuse(false);
  EXPECT_TRUE(network_->revert());
  EXPECT_FALSE(state().tried);
}

TEST_F(MachineNetworkTest, KeptSettingsThatAreDamagedLetTheMachineBeReached) {
  for (auto const* text : {"", "{", "{\"links\":[],\"dns\":[],\"search\":[]}", "\xff\xfe"}) {
    MachineFolders::write(folders_.paths.settings / "network.json", text);
    ASSERT_TRUE(write_network_files(folders_.paths));
    EXPECT_TRUE(same(state().kept, network_as_new())) << text;
  }
}

TEST_F(MachineNetworkTest, OtherPeoplesFilesStay) {
  std::filesystem::create_directories(folders_.paths.networkd);
  auto const theirs = folders_.paths.networkd / "70-somebody.network";
  MachineFolders::write(theirs, "[Match]\n");
  ASSERT_TRUE(network_->attempt(wish("192.0.2.10/24")));
  ASSERT_TRUE(network_->revert());
  EXPECT_EQ(MachineFolders::read(theirs), "[Match]\n");
}

}  // namespace
}  // namespace berth::host::testing
