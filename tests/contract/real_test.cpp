// This machine's engine under the contract, and what only a real one can show.
#include <csignal>

#include "firmware/base/process.hpp"
#include "tests/contract/real_world.hpp"
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

using namespace std::chrono_literals;

class Real final : public Subject {
 public:
  Engine& engine() override { return client_; }
  TestImage const& image(GuestKind kind) override { return world().image(kind); }
  bool inspects_images() const override { return true; }
  std::int64_t guest_memory() const override { return std::int64_t{192} * 1024 * 1024; }
  bool restart() override {
    EXPECT_EQ(world().stop_engine(), 0);
    world().start_engine();
    return true;
  }
  bool crash(GuestId const& guest) override {
    auto const processes = processes_of(guest);
    EXPECT_FALSE(processes.empty());
    for (auto pid : processes) ::kill(pid, SIGKILL);
    return true;
  }

 private:
  EngineClient client_{world().socket()};
};

INSTANTIATE_TEST_SUITE_P(Real, EngineContract,
                         ::testing::Values(SubjectMaker{"berth_engine", [] { return std::make_unique<Real>(); }}),
                         [](auto const& info) { return info.param.name; });

// The same guests, for tests that are about the machine.
class RealEngine : public EngineContract {};
INSTANTIATE_TEST_SUITE_P(Machine, RealEngine,
                         ::testing::Values(SubjectMaker{"berth_engine", [] { return std::make_unique<Real>(); }}),
                         [](auto const& info) { return info.param.name; });

// Threat 10: the engine hangs. The panel's calls end, and go on when it goes on.
TEST_P(RealEngine, AStoppedEngineIsUnavailableUntilItGoesOn) {
  auto const guest = run(1, GuestKind::container);
  EngineClient impatient(world().socket(), {.read = 500ms, .act = 500ms, .import = 500ms, .stop_grace = 500ms});
  ASSERT_TRUE(ok(impatient.host()));
  world().engine_program().signal(SIGSTOP);
  EXPECT_EQ(code_of(impatient.guests()), ErrorCode::unavailable);
  EXPECT_EQ(code_of(impatient.pause_guest(guest.guest)), ErrorCode::unavailable);
  world().engine_program().signal(SIGCONT);
  ASSERT_TRUE(ok(engine().guests()));
  await_state(guest.guest, GuestState::paused);  // what was asked while it slept is done, and may be asked again
  EXPECT_TRUE(ok(engine().resume_guest(guest.guest)));
}

// The engine dies without a word; what it left is found again.
TEST_P(RealEngine, AKilledEngineFindsItsGuestsAgain) {
  for (auto kind : both_kinds) {
    auto const guest = run(1, kind);
    world().engine_program().signal(SIGKILL);
    EXPECT_EQ(world().engine_program().wait(), 128 + SIGKILL);
    world().start_engine();
    EXPECT_EQ(state(guest.guest), GuestState::running);
    auto talk = console(guest.guest);
    ASSERT_TRUE(talk.reach_prompt()) << talk.heard();
    EXPECT_TRUE(talk.echoes("after-the-kill")) << talk.heard();
    EXPECT_TRUE(ok(engine().stop_guest({guest.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(guest.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(guest.guest)));
  }
}

// Threat 10: libvirtd hangs. Containers do not care, VMs' calls end in time and work again afterwards.
TEST_P(RealEngine, AHungLibvirtHoldsUpVmsAloneAndNotForEver) {
  if (world().libvirtd() == nullptr) GTEST_SKIP() << "libvirtd is not ours to stop";
  auto const container = run(1, GuestKind::container);
  auto const vm = run(2, GuestKind::vm);
  world().libvirtd()->signal(SIGSTOP);
  EXPECT_EQ(state(container.guest), GuestState::running);
  EXPECT_TRUE(ok(engine().pause_guest(container.guest)));
  EXPECT_TRUE(ok(engine().resume_guest(container.guest)));
  EngineClient patient(world().socket(), {.read = 60s});
  auto const seen = patient.guest(vm.guest);
  EXPECT_FALSE(seen) << "nobody can know";
  EXPECT_FALSE(patient.guests()) << "a list without its VMs would read as if they were gone";
  world().libvirtd()->signal(SIGCONT);
  await_state(vm.guest, GuestState::running);
}

TEST_P(RealEngine, ASecondEngineOnTheSameMachineIsRefused) {
  EXPECT_EQ(Program(world().engine_arguments()).wait(), 1);
  EXPECT_TRUE(ok(engine().host())) << "and the first goes on";
}

TEST_P(RealEngine, VarlinkctlDrivesIt) {
  auto const shown = run_program({"varlinkctl", "introspect", world().socket(), "org.berth.Engine"});
  ASSERT_TRUE(ok(shown));
  EXPECT_EQ(shown->exit_code, 0) << shown->err;
  auto const guest = run(1, GuestKind::container);
  auto const parameters = write_json(json::object{{"guest", guest.guest.str()}, {"timeout_s", 0}, {"force", true}});
  auto const stopped =
      run_program({"varlinkctl", "call", "--json=short", world().socket(), "org.berth.Engine.StopGuest", parameters});
  ASSERT_TRUE(ok(stopped));
  EXPECT_NE(stopped->out.find(R"("state":"stopped")"), std::string::npos) << stopped->out << stopped->err;
}

// What a guest was made of is gone with it: no process, mount, interface or file keeps its id.
TEST_P(RealEngine, ADeletedGuestLeavesNothing) {
  for (auto kind : both_kinds) {
    auto const guest = run(1, kind);
    EXPECT_NE(traces_of(guest.guest), "") << "the search finds a guest that is there";
    ASSERT_TRUE(ok(engine().stop_guest({guest.guest, {0}, true})));
    ASSERT_TRUE(ok(engine().undefine_guest(guest.guest)));
    ASSERT_TRUE(ok(engine().disconnect_network(guest.guest)));
    ASSERT_TRUE(ok(engine().delete_disk(guest.guest)));
    EXPECT_EQ(traces_of(guest.guest), "");
    EXPECT_TRUE(processes_of(guest.guest).empty());
  }
}

}  // namespace
}  // namespace berth::contract::testing
