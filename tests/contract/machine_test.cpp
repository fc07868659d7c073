// The contract of the machine itself, on the one in memory: called directly, and over varlink.
#include <thread>

#include "drivers/contract/machine_client.hpp"
#include "drivers/contract/server.hpp"
#include "drivers/fake/fake_engine.hpp"
#include "drivers/fake/fake_machine.hpp"
#include "tests/contract/program.hpp"
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

// Stands still until a test turns it.
class TurnedClock final : public Clock {
 public:
  Moment now() const override { return from_ms(now_ms_.load()); }
  std::chrono::steady_clock::time_point steady() const override { return {}; }
  void turn(std::chrono::seconds by) { now_ms_ += std::chrono::milliseconds(by).count(); }

 private:
  std::atomic<std::int64_t> now_ms_ = 1'800'000'000'000;
};

enum class Way { direct, varlink };

class MachineContract : public ::testing::TestWithParam<Way> {
 protected:
  MachineContract() {
    if (GetParam() == Way::direct) return;
    auto const socket = folder_.path() / "engine.sock";
    server_ = Server::listen(*engine_, fake_, {.socket = socket}).value();
    loop_ = std::jthread([this] { EXPECT_TRUE(ok(server_->run())); });
    client_ = std::make_unique<MachineClient>(socket);
  }
  ~MachineContract() override {
    if (server_) server_->stop();
  }
  Machine& machine() { return client_ ? static_cast<Machine&>(*client_) : fake_; }

  static TryNetwork wish(std::string_view address) {
    TryNetwork wish{network_as_new(), {}};
    wish.settings.links.items[0].ipv4.method = AddressMethod::fixed;
    wish.settings.links.items[0].ipv4.address = made<AddressWithPrefix>(address);
    wish.confirm_within_s.value = 60;
    return wish;
  }

  TemporaryFolder folder_;
  TurnedClock clock_;
  std::unique_ptr<fake::FakeEngine> engine_ = fake::FakeEngine::open().value();
  fake::FakeMachine fake_{clock_, {.update_takes = std::chrono::seconds(20)}};
  std::unique_ptr<Server> server_;
  std::unique_ptr<MachineClient> client_;
  std::jthread loop_;
};

TEST_P(MachineContract, KeepsItsName) {
  for (int turn = 0; turn < 2; ++turn) ASSERT_TRUE(ok(machine().set_hostname(made<Hostname>("node-7"))));
  EXPECT_EQ(machine().facts().value().hostname, "node-7");
  EXPECT_EQ(bad_field(machine().set_hostname(made<Hostname>("Not A Name"))), "/name");
}

TEST_P(MachineContract, KeepsItsTime) {
  TimeSettings settings;
  settings.time_zone = made<Text<1, 64>>("Europe/Berlin");
  settings.ntp_servers.items = {made<ServerName>("ntp.example.net")};
  for (int turn = 0; turn < 2; ++turn) ASSERT_TRUE(ok(machine().set_time(settings)));
  EXPECT_EQ(write_json(machine().time_settings().value()), write_json(settings));
  settings.unix_seconds.emplace().value = 1'800'000'000;
  EXPECT_EQ(bad_field(machine().set_time(settings)), "/unix_seconds");
}

TEST_P(MachineContract, ATriedNetworkIsKeptOnlyWhenConfirmed) {
  ASSERT_TRUE(ok(machine().try_network(wish("192.0.2.10/24"))));
  EXPECT_TRUE(ok(machine().try_network(wish("192.0.2.10/24")))) << "once more is no other wish";
  EXPECT_EQ(code_of(machine().try_network(wish("192.0.2.11/24"))), ErrorCode::conflict);
  auto state = machine().network().value();
  EXPECT_TRUE(same(state.kept, network_as_new()));
  ASSERT_TRUE(state.tried);
  EXPECT_TRUE(same(*state.tried, wish("192.0.2.10/24").settings));
  EXPECT_EQ(state.seconds_left, 60);
  ASSERT_TRUE(ok(machine().confirm_network()));
  EXPECT_TRUE(ok(machine().confirm_network()));
  state = machine().network().value();
  EXPECT_FALSE(state.tried);
  EXPECT_TRUE(same(state.kept, wish("192.0.2.10/24").settings));
}

TEST_P(MachineContract, ATriedNetworkIsTakenBackByItself) {
  ASSERT_TRUE(ok(machine().try_network(wish("192.0.2.10/24"))));
  clock_.turn(std::chrono::seconds(60));
  EXPECT_FALSE(machine().network().value().tried);
  EXPECT_EQ(code_of(machine().confirm_network()), ErrorCode::conflict);
}

TEST_P(MachineContract, ATriedNetworkIsTakenBackWhenAsked) {
  EXPECT_TRUE(ok(machine().revert_network())) << "nothing is tried";
  ASSERT_TRUE(ok(machine().try_network(wish("192.0.2.10/24"))));
  ASSERT_TRUE(ok(machine().revert_network()));
  EXPECT_FALSE(machine().network().value().tried);
  EXPECT_EQ(code_of(machine().confirm_network()), ErrorCode::conflict);
}

TEST_P(MachineContract, PointsAtWhatIsWrongWithANetwork) {
  EXPECT_EQ(bad_field(machine().try_network(wish("192.0.2.10"))), "/settings/links/0/ipv4/address");
}

TEST_P(MachineContract, OpensSshForKeysAlone) {
  EXPECT_FALSE(machine().ssh().value().enabled);
  SshSettings settings;
  settings.enabled = true;
  EXPECT_EQ(bad_field(machine().set_ssh(settings)), "/keys");
  settings.keys.items = {made<Text<16, 8192>>("ssh-ed25519 AAAAnotakeyatallAAAA")};
  EXPECT_EQ(bad_field(machine().set_ssh(settings)), "/keys/0");
  settings.keys.items = {
      made<Text<16, 8192>>("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")};
  ASSERT_TRUE(ok(machine().set_ssh(settings)));
  EXPECT_EQ(write_json(machine().ssh().value()), write_json(settings));
}

TEST_P(MachineContract, InstallsIntoTheSlotThatDoesNotRun) {
  EXPECT_EQ(code_of(machine().choose_slot(SlotName::b)), ErrorCode::conflict);
  EXPECT_EQ(code_of(machine().install_update(file_of("something else"))), ErrorCode::corrupt);
  ASSERT_TRUE(ok(machine().install_update(file_of("berth-bundle 2.0.0\nmore"))));
  EXPECT_EQ(code_of(machine().install_update(file_of("berth-bundle 2.0.0\n"))), ErrorCode::conflict) << "one at a time";
  EXPECT_EQ(machine().slots().value().slots[1].version, "") << "half of it is none";
  clock_.turn(std::chrono::seconds(5));
  auto const half = machine().update().value();
  EXPECT_TRUE(half.running);
  EXPECT_EQ(half.percent, 25);
  EXPECT_EQ(half.version, "2.0.0");
  EXPECT_FALSE(half.step.empty());
  clock_.turn(std::chrono::seconds(15));
  EXPECT_FALSE(machine().update().value().running);
  auto const slots = machine().slots().value();
  ASSERT_EQ(slots.slots.size(), 2U);
  EXPECT_EQ(slots.slots[1].version, "2.0.0");
  EXPECT_FALSE(slots.slots[1].booted);
  EXPECT_EQ(slots.next, SlotName::b);
  EXPECT_EQ(machine().update().value().percent, 100);
  ASSERT_TRUE(ok(machine().choose_slot(SlotName::a)));
  EXPECT_EQ(machine().slots().value().next, SlotName::a);
}

TEST_P(MachineContract, RefusesWhatIsNotForThisMachineOrOlder) {
  EXPECT_EQ(code_of(machine().install_update(file_of("berth-bundle 2.0.0 toaster\n"))), ErrorCode::precondition_failed);
  EXPECT_EQ(code_of(machine().install_update(file_of("berth-bundle 0.9.9\n"))), ErrorCode::precondition_failed);
  EXPECT_TRUE(ok(machine().install_update(file_of("berth-bundle 1.0.0\n")))) << "once more what runs";
}

TEST_P(MachineContract, AFailedInstallationLeavesTheOtherSlotEmpty) {
  ASSERT_TRUE(ok(machine().install_update(file_of("berth-bundle 2.0.0 broken\n"))));
  clock_.turn(std::chrono::seconds(20));
  auto const update = machine().update().value();
  EXPECT_FALSE(update.running);
  EXPECT_FALSE(update.failure.empty());
  EXPECT_EQ(machine().slots().value().next, SlotName::a);
  EXPECT_EQ(machine().slots().value().slots[1].version, "");
  fake_.fail_update("no room");
  ASSERT_TRUE(ok(machine().install_update(file_of("berth-bundle 2.0.0\n"))));
  clock_.turn(std::chrono::seconds(20));
  EXPECT_EQ(machine().update().value().failure, "no room");
}

TEST_P(MachineContract, InstallsWhatItFinds) {
  auto const found = machine().find_updates();
  ASSERT_TRUE(ok(found));
  ASSERT_EQ(found->size(), 2U);
  auto const& one = found->front();
  EXPECT_EQ(one.place, UpdatePlace::folder);
  EXPECT_TRUE(one.compatible);
  EXPECT_EQ(one.problem, "");
  EXPECT_GT(one.size_bytes, 0U);
  EXPECT_FALSE(found->back().compatible);
  EXPECT_EQ(code_of(machine().install_found(made<FoundUpdateId>(found->back().id))), ErrorCode::precondition_failed);
  EXPECT_EQ(code_of(machine().install_found(made<FoundUpdateId>("gone"))), ErrorCode::not_found);
  EXPECT_EQ(bad_field(machine().install_found(made<FoundUpdateId>("../etc"))), "/id");
  ASSERT_TRUE(ok(machine().install_found(made<FoundUpdateId>(one.id))));
  clock_.turn(std::chrono::seconds(20));
  EXPECT_EQ(machine().slots().value().slots[1].version, one.version);
}

TEST_P(MachineContract, TellsWhatATestMakesGoWrong) {
  fake_.faults().fail_next("find_updates", Error{ErrorCode::io, "disk-failed", "The disk failed."});
  EXPECT_EQ(code_of(machine().find_updates()), ErrorCode::io);
  EXPECT_TRUE(ok(machine().find_updates()));
}

TEST_P(MachineContract, RestartsAndIsResetByItsName) {
  ASSERT_TRUE(ok(machine().power(PowerAct::restart)));
  EXPECT_EQ(fake_.asked_power(), PowerAct::restart);
  EXPECT_EQ(code_of(machine().factory_reset({ResetScope::settings, made<Hostname>("other")})),
            ErrorCode::precondition_failed);
  EXPECT_FALSE(fake_.asked_reset());
  ASSERT_TRUE(ok(machine().factory_reset({ResetScope::settings, made<Hostname>("berth")})));
  EXPECT_EQ(fake_.asked_reset(), ResetScope::settings);
}

TEST_P(MachineContract, GivesABundleToReadFromItsBeginning) {
  auto const bundle = machine().support_bundle();
  ASSERT_TRUE(ok(bundle));
  unsigned char magic[2] = {};
  ASSERT_EQ(::pread(bundle->get(), magic, sizeof magic, 0), 2);
  EXPECT_EQ(magic[0], 0x1f);  // RFC 1952
  EXPECT_EQ(magic[1], 0x8b);
}

INSTANTIATE_TEST_SUITE_P(Fake, MachineContract, ::testing::Values(Way::direct, Way::varlink),
                         [](auto const& info) { return info.param == Way::direct ? "direct" : "varlink"; });

TEST(MachineElsewhere, TellsAndChangesNothing) {
  SystemClock const clock;
  fake::FakeMachine machine(clock, {.appliance = false});
  EXPECT_FALSE(machine.facts().value().appliance);
  EXPECT_TRUE(ok(machine.network()));
  EXPECT_EQ(code_of(machine.set_hostname(made<Hostname>("other"))), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine.power(PowerAct::restart)), ErrorCode::unsupported);
}

}  // namespace
}  // namespace berth::contract::testing
