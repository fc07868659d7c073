// What the engine tells by itself, and what the panel makes of it.
#include <mutex>
#include <set>
#include <thread>

#include "firmware/reconcilers/guest_watch.hpp"
#include "tests/contract/suite.hpp"
#include "tests/support/world.hpp"

namespace berth::contract::testing {
namespace {

// Listens for as long as it lives.
class Ear {
 public:
  explicit Ear(Engine& engine) : thread_([this, &engine](std::stop_token const& stop) { listen(engine, stop); }) {
    await([this] { return heard_of("everything"); });
  }
  bool heard_of(std::string const& guest) {
    std::lock_guard lock(mutex_);
    return heard_.contains(guest);
  }
  void forget() {
    std::lock_guard lock(mutex_);
    heard_.clear();
  }
  Result<void> stop() {
    thread_.request_stop();
    thread_.join();
    return outcome_;
  }

 private:
  void listen(Engine& engine, std::stop_token const& stop) {
    outcome_ = engine.monitor(stop, [this](GuestNews const& guest) {
      std::lock_guard lock(mutex_);
      heard_.insert(guest ? guest->str() : "everything");
    });
  }

  std::mutex mutex_;
  std::set<std::string> heard_;
  Result<void> outcome_;
  std::jthread thread_;
};

TEST_P(EngineContract, AGuestThatChangesIsToldOf) {
  for (auto kind : both_kinds) {
    auto const guest = prepare(1, kind).guest;
    Ear ear(engine());
    ASSERT_TRUE(ok(engine().start_guest(guest)));
    await([&] { return ear.heard_of(guest.str()); });
    ear.forget();
    ASSERT_TRUE(ok(engine().pause_guest(guest)));
    await([&] { return ear.heard_of(guest.str()); });
    ASSERT_TRUE(ok(engine().resume_guest(guest))) << "a frozen process does not hear that it is killed";
    ear.forget();
    if (subject().crash(guest)) {
      await([&] { return ear.heard_of(guest.str()); });
      await_state(guest, GuestState::crashed);
    }
    EXPECT_TRUE(ok(engine().stop_guest({guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(guest)));
    EXPECT_TRUE(ok(engine().delete_disk(guest)));
    EXPECT_TRUE(ok(ear.stop())) << "asked to stop, it does";
  }
}

TEST_P(EngineContract, EveryMonitorHearsAndTheEndOfTheEngine) {
  auto const guest = prepare(1, GuestKind::container).guest;
  Ear first(engine());
  Ear second(engine());
  ASSERT_TRUE(ok(engine().start_guest(guest)));
  await([&] { return first.heard_of(guest.str()) && second.heard_of(guest.str()); });
  EXPECT_TRUE(ok(first.stop()));
  if (!subject().restart()) GTEST_SKIP() << "this engine has no process of its own";
  EXPECT_EQ(code_of(second.stop()), ErrorCode::unavailable);
  Ear third(engine());
  ASSERT_TRUE(ok(engine().stop_guest({guest, {0}, true})));
  await([&] { return third.heard_of(guest.str()); });
}

// No reconciler looks at the guests here: what comes into the database, came because the engine told it.
TEST_P(EngineContract, AGuestThatEndsByItselfIsInThePanelsDatabaseWithoutBeingAskedFor) {
  support::World panel;
  SystemClock const clock;
  services::Settings const settings;
  for (auto kind : both_kinds) {
    auto const guest = prepare(1, kind).guest;
    std::string hex = guest.str();
    std::erase(hex, '-');
    auto const server = ServerId::parse("srv_" + hex).value();
    panel.add_server("web-" + std::to_string(static_cast<int>(kind)),
                     kind == GuestKind::vm ? store::ServerKind::vm : store::ServerKind::container, server);
    reconcilers::GuestWatch watch(panel.store(), clock, settings, engine(), [] {});
    watch.start();
    auto const seen = [&] {
      return panel.store().read([&](store::Snapshot& s) { return s.servers.observation(server); }).value();
    };
    // Started again until it was heard: the watch begins a moment after start().
    await([&] {
      if (seen().state == store::ObservedState::running) return true;
      EXPECT_TRUE(ok(engine().start_guest(guest)));
      EXPECT_TRUE(ok(engine().pause_guest(guest)));
      EXPECT_TRUE(ok(engine().resume_guest(guest)));
      return false;
    });
    if (!subject().crash(guest)) GTEST_SKIP() << "no guest can be made to crash here";
    await([&] { return seen().state == store::ObservedState::crashed; });
    EXPECT_NE(seen().reason, "");
    watch.stop();
    ASSERT_TRUE(panel.store().write(panel.author(), [&](store::Transaction& tx) { return tx.servers.remove(server); }));
    EXPECT_TRUE(ok(engine().undefine_guest(guest)));
    EXPECT_TRUE(ok(engine().delete_disk(guest)));
  }
}

}  // namespace
}  // namespace berth::contract::testing
