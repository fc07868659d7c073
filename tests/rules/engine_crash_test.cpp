// Threat 1, the other half: the engine dies before each of its acts on the machine, one after the other, while the panel
// makes a server and while it deletes one, and comes back. The panel lives on and brings both to their end.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <csignal>
#include <format>

#include "drivers/contract/driver.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/process.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "tests/contract/real_world.hpp"
#include "tests/rules/crash_world.hpp"
#include "tests/support/eventually.hpp"

namespace berth::crash {
namespace {

using contract::testing::beside_this_test;
using contract::testing::RealWorld;

// How many acts the engine still lives for (tests/rules/mortal_acts): 0 for ever.
class ActsLeft {
 public:
  ActsLeft() {
    Descriptor const file(::open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_EQ(::ftruncate(file.get(), sizeof(std::atomic<int>)), 0);
    shared_ = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    EXPECT_NE(shared_, MAP_FAILED);
  }
  ActsLeft(ActsLeft const&) = delete;
  ActsLeft& operator=(ActsLeft const&) = delete;
  ~ActsLeft() { ::munmap(shared_, sizeof(std::atomic<int>)); }

  std::string path() const { return (folder_.path() / "acts").string(); }
  std::atomic<int>& count() { return *static_cast<std::atomic<int>*>(shared_); }

 private:
  contract::testing::TemporaryFolder folder_;
  void* shared_;
};

class EngineCrash : public ::testing::TestWithParam<store::ServerKind> {
 protected:
  void SetUp() override {
    remember_empty_machine();
    ASSERT_EQ(machine().stop_engine(), 0);
    machine().start_engine(mortal());
  }
  void TearDown() override {
    acts_.count() = 0;
    ASSERT_EQ(machine().stop_engine(), 0);
    machine().start_engine();
  }
  static RealWorld& machine() { return contract::testing::world(); }
  std::vector<std::string> mortal() const {
    return {"LD_PRELOAD=" + beside_this_test("libberth_mortal_acts.so"), "BERTH_MORTAL_ACTS=" + acts_.path(),
            "ASAN_OPTIONS=verify_asan_link_order=0"};  // in a build with sanitizers, their library wants to be first
  }

  // The panel's act, with the engine dead before its own `number`th. True when it came to that.
  bool die_during(std::vector<std::string> const& act, int number) {
    acts_.count() = number;
    auto const panel = world().start_panel(act);
    bool over = false;
    EXPECT_TRUE(support::eventually([&] { return (over = !panel->runs()) || !machine().engine_program().runs(); },
                                    std::chrono::minutes(2)));
    acts_.count() = 0;
    bool const died = !machine().engine_program().runs();
    if (died) {
      EXPECT_EQ(machine().engine_program().wait(), 128 + SIGKILL);
      machine().start_engine(mortal());
    }
    EXPECT_EQ(panel->wait(), 0);
    return died;
  }
  void expect_runs(std::uint64_t addresses_before) {
    auto const found = look();
    ASSERT_EQ(found.servers.size(), 1u);
    EXPECT_EQ(found.servers.front().build, store::BuildState::built);
    EXPECT_EQ(found.jobs.front().state, store::JobState::succeeded) << found.jobs.front().error_message;
    EXPECT_EQ(found.addresses, addresses_before + 1);
    ASSERT_EQ(found.guests.size(), 1u);
    EXPECT_EQ(found.guests.front().guest, jobs::guest_id(found.servers.front().id).str());
    EXPECT_EQ(found.guests.front().state, contract::GuestState::running);
    // A guest without rules of its own is cut off, or worse.
    auto const interface = contract::interface_name(jobs::guest_id(found.servers.front().id));
    auto const rules = run_program({"nft", "list", "map", "bridge", "berth", "from"});
    ASSERT_TRUE(rules);
    EXPECT_TRUE(rules->out.contains(interface)) << rules->out;
  }

  ActsLeft acts_;
};

TEST_P(EngineCrash, what_it_was_about_is_done_all_the_same_and_nothing_stays) {
  auto const addresses = look().addresses;
  bool creating = true;
  bool deleting = true;
  for (int number = 1; (creating || deleting) && !HasFailure(); ++number) {
    SCOPED_TRACE(std::format("the engine dies before its act {}", number));
    creating =
        die_during({"--act", "create", "--subject", "victim", "--image", image_of(GetParam())}, creating ? number : 0);
    expect_runs(addresses);
    deleting = die_during({"--act", "delete", "--subject", "victim"}, deleting ? number : 0);
    expect_nothing_left(addresses);
    RecordProperty("acts", number);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryAct, EngineCrash, ::testing::Values(store::ServerKind::container, store::ServerKind::vm),
                         [](auto const& info) { return info.param == store::ServerKind::vm ? "vm" : "container"; });

}  // namespace
}  // namespace berth::crash
