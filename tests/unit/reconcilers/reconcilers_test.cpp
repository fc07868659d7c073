// What the reconcilers make of the world, on the engine in memory.
#include "firmware/reconcilers/reconcilers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "firmware/jobs/guest_specs.hpp"
#include "firmware/reconcilers/guest_watch.hpp"
#include "firmware/services/compute/guest_observation.hpp"
#include "firmware/services/compute/power_restoration.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/system/housekeeping.hpp"
#include "tests/support/panel.hpp"

namespace berth::reconcilers {
namespace {

using store::ObservedState;
using support::eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Reconciling : public ::testing::Test {
 protected:
  support::Panel panel;

  ServerId running(std::string name, store::ServerKind kind = store::ServerKind::container) {
    panel.start();
    auto made = panel.create(std::move(name), kind);
    EXPECT_TRUE(made);
    panel.finished(made->job);
    return made->server;
  }
  // One run, `later` after now: beyond the moment at which a job recorded what it saw.
  Result<void> run(Reconciler& reconciler, std::chrono::milliseconds later = std::chrono::minutes(2)) {
    services::Call call(panel.world.store(), access::Actor::reconciler(reconciler.name()), panel.clock.now() + later,
                        panel.settings);
    return reconciler.run(call);
  }
  store::ServerObservation seen(ServerId const& server) {
    return panel.world.store().read([&](store::Snapshot& s) { return s.servers.observation(server); }).value();
  }
  store::Node node() {
    return panel.world.store().read([](store::Snapshot& s) { return s.nodes.local(); }).value();
  }
};

TEST_F(Reconciling, a_guest_that_crashed_is_seen_and_told_once) {
  auto const server = running("web");
  auto const observe = observe_guests(panel.engine());
  ASSERT_TRUE(run(*observe));
  EXPECT_EQ(seen(server).state, ObservedState::running);
  EXPECT_EQ(seen(server).drift, "");
  panel.engine().crash(jobs::guest_id(server), "killed: out of memory", 137);
  auto const before = panel.count_events("server.state_changed");
  for (int i = 3; i < 6; ++i) ASSERT_TRUE(run(*observe, std::chrono::minutes(i)));
  EXPECT_EQ(seen(server).state, ObservedState::crashed);
  EXPECT_THAT(seen(server).reason, HasSubstr("memory"));
  EXPECT_EQ(panel.count_events("server.state_changed"), before + 1);
}

TEST_F(Reconciling, a_guest_stopped_or_removed_behind_the_panels_back_is_drift_until_it_is_mended) {
  auto const server = running("web");
  auto const guest = jobs::guest_id(server);
  auto const observe = observe_guests(panel.engine());
  contract::StopGuest stop;
  stop.guest = guest;
  stop.force = true;
  ASSERT_TRUE(panel.engine().stop_guest(stop));
  ASSERT_TRUE(run(*observe));
  EXPECT_THAT(seen(server).drift, HasSubstr("should run"));
  ASSERT_TRUE(panel.engine().undefine_guest(guest));
  ASSERT_TRUE(panel.engine().disconnect_network(guest));
  ASSERT_TRUE(panel.engine().delete_disk(guest));
  ASSERT_TRUE(run(*observe, std::chrono::minutes(3)));
  EXPECT_EQ(seen(server).state, ObservedState::absent);
  EXPECT_THAT(seen(server).drift, HasSubstr("gone"));
  EXPECT_EQ(panel.count_events("server.drifted"), 2);
}

TEST_F(Reconciling, a_guest_that_ends_by_itself_is_recorded_because_the_engine_told) {
  auto const server = running("web");
  std::atomic<int> looks = 0;
  GuestWatch watch(panel.world.store(), panel.clock, panel.settings, panel.engine(), [&] { ++looks; });
  watch.start();
  ASSERT_TRUE(eventually([&] { return looks == 1; })) << "whatever happened before, everything is looked at";
  panel.engine().crash(jobs::guest_id(server), "killed: out of memory", 137);
  EXPECT_TRUE(eventually([&] { return seen(server).state == ObservedState::crashed; }));
  EXPECT_EQ(seen(server).reason, "killed: out of memory");
  auto const told = panel.events();
  auto const last = std::ranges::find_last(told, "server.state_changed", &store::Event::type);
  ASSERT_FALSE(last.empty());
  EXPECT_THAT(last.begin()->text, HasSubstr("crashed (was running): killed: out of memory."));
  EXPECT_THAT(last.begin()->actor, HasSubstr("observe-guests"));
}

TEST_F(Reconciling, a_guest_of_nobody_is_left_to_the_look_at_all_of_them) {
  services::Call call(panel.world.store(), access::Actor::reconciler("observe-guests"), panel.clock.now(),
                      panel.settings);
  auto const system = *access::grant_system(call, access::Permission::system_manage);
  contract::GuestStatus stray;
  for (auto const* id : {"0190f3c4-0000-7000-8000-000000000001", "not-an-id", ""}) {
    stray.guest = id;
    EXPECT_TRUE(compute::record_guest(call, system, stray));
  }
  EXPECT_TRUE(panel.events().empty());
}

TEST_F(Reconciling, events_go_after_their_time_oldest_first_and_never_the_last) {
  running("web");
  auto const all = panel.events();
  ASSERT_GT(all.size(), 3u);
  ASSERT_TRUE(run(*event_janitor(), std::chrono::days(29)));
  EXPECT_EQ(panel.events().size(), all.size());
  ASSERT_TRUE(run(*event_janitor(), std::chrono::days(31)));
  auto const left = panel.events();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].seq, all.back().seq) << "the stream goes on from here";
}

TEST_F(Reconciling, strays_are_told_once) {
  contract::CreateDisk disk;
  disk.guest = *contract::GuestId::parse("0190f3c4-0000-7000-8000-000000000001");
  disk.image = jobs::image_name(panel.world.image(store::ServerKind::vm).id);
  disk.size_bytes.value = 1 * gib;
  ASSERT_TRUE(panel.engine().create_disk(disk));
  auto const observe = observe_guests(panel.engine());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(*observe));
  EXPECT_EQ(panel.count_events("guest.stray_found"), 1);
  ASSERT_TRUE(panel.engine().delete_disk(disk.guest));
  ASSERT_TRUE(run(*observe));
  EXPECT_EQ(panel.count_events("guest.stray_found"), 1);
}

TEST_F(Reconciling, an_engine_that_is_silent_for_long_makes_states_unknown_and_its_return_mends_them) {
  auto const server = running("web");
  auto const observe = observe_guests(panel.engine());
  ASSERT_TRUE(run(*observe, std::chrono::milliseconds(0)));
  EXPECT_TRUE(node().engine_ok);
  auto const silence = [&](std::chrono::milliseconds later) {
    panel.engine().faults().fail_next("host",
                                      Error{ErrorCode::unavailable, "engine-down", "The engine does not answer."});
    ASSERT_TRUE(run(*observe, later));
  };
  silence(std::chrono::seconds(5));
  EXPECT_FALSE(node().engine_ok);
  EXPECT_EQ(seen(server).state, ObservedState::running) << "a short silence says nothing about guests";
  silence(std::chrono::seconds(60));
  EXPECT_EQ(seen(server).state, ObservedState::unknown);
  silence(std::chrono::seconds(61));
  EXPECT_EQ(panel.count_events("engine.lost"), 1);
  ASSERT_TRUE(run(*observe, std::chrono::seconds(120)));
  EXPECT_EQ(seen(server).state, ObservedState::running);
  EXPECT_TRUE(node().engine_ok);
  EXPECT_EQ(panel.count_events("engine.back"), 1);
}

TEST_F(Reconciling, a_clock_set_back_does_not_keep_a_silent_engines_guests_alive) {
  auto const server = running("web");
  auto const observe = observe_guests(panel.engine());
  ASSERT_TRUE(run(*observe, std::chrono::hours(5)));
  panel.engine().faults().fail_next("host",
                                    Error{ErrorCode::unavailable, "engine-down", "The engine does not answer."});
  ASSERT_TRUE(run(*observe, std::chrono::minutes(2)));
  EXPECT_EQ(seen(server).state, ObservedState::unknown);
}

TEST_F(Reconciling, an_image_that_became_ready_before_the_clock_was_set_back_is_missed_all_the_same) {
  panel.start();
  auto const& image = panel.world.image(store::ServerKind::vm);
  ASSERT_TRUE(panel.world.store().write(
      store::Author{"test", panel.clock.now() + std::chrono::hours(5)},
      [&](store::Transaction& tx) { return tx.images.set_state(image.id, store::ImageState::ready, ""); }));
  ASSERT_TRUE(panel.engine().remove_image(jobs::image_name(image.id)));
  ASSERT_TRUE(run(*observe_images(panel.engine())));
  EXPECT_EQ(panel.count_events("image.lost"), 1);
}

TEST_F(Reconciling, a_look_older_than_what_a_job_recorded_changes_nothing) {
  auto const server = running("web");
  auto const recorded = seen(server);
  services::Call call(panel.world.store(), access::Actor::reconciler("observe-guests"),
                      *recorded.observed_at - std::chrono::milliseconds(1), panel.settings);
  auto const system = *access::grant_system(call, access::Permission::system_manage);
  ASSERT_TRUE(compute::record_guests(call, system, {}));  // the engine was asked before the guest was there
  EXPECT_EQ(seen(server).state, ObservedState::running);
  EXPECT_THAT(seen(server).drift, IsEmpty());
}

TEST_F(Reconciling, an_image_that_the_engine_lost_is_imported_again) {
  panel.start();
  auto const& image = panel.world.image(store::ServerKind::vm);
  auto const observe = observe_images(panel.engine());
  ASSERT_TRUE(run(*observe));
  EXPECT_EQ(panel.count_events("image.lost"), 0);
  ASSERT_TRUE(panel.engine().remove_image(jobs::image_name(image.id)));
  ASSERT_TRUE(run(*observe));
  EXPECT_TRUE(
      eventually([&] { return panel.count_events("image.ready") + panel.count_events("image.import_failed") == 1; }));
  EXPECT_EQ(panel.engine().images()->size(), 2u);
  ASSERT_TRUE(run(*observe, std::chrono::minutes(5)));
  EXPECT_EQ(panel.count_events("image.lost"), 1);
}

TEST_F(Reconciling, a_superseded_image_leaves_the_engine_after_its_last_server) {
  auto const server = running("web");
  auto const& image = panel.world.image(store::ServerKind::container);
  auto const janitor = image_janitor(panel.engine());
  auto const there = [&] { return panel.engine().images()->size(); };
  auto const jobs_of = [&] {
    auto const all = panel.world.store().read(
        [](store::Snapshot& s) { return s.jobs.page(store::TenantScope::all_tenants_for_staff(), {}, {100, ""}); });
    return std::ranges::count(all->items, "image.remove", &store::Job::type);
  };
  ASSERT_TRUE(run(*janitor));
  EXPECT_EQ(jobs_of(), 0) << "the library keeps its own";
  ASSERT_TRUE(panel.world.store().write(panel.world.author(),
                                        [&](store::Transaction& tx) { return tx.images.supersede(image.id); }));
  ASSERT_TRUE(run(*janitor));
  EXPECT_EQ(jobs_of(), 0) << "a server rests on it";
  EXPECT_EQ(there(), 2u);
  auto call = panel.call();
  auto const granted = access::grant_server(call, server, access::Permission::server_delete);
  ASSERT_TRUE(granted);
  panel.finished(compute::delete_server(call, *granted).value());
  ASSERT_TRUE(run(*janitor));
  EXPECT_EQ(jobs_of(), 1);
  EXPECT_TRUE(eventually([&] { return there() == 1; }));
  EXPECT_EQ(panel.engine().images()->front().image,
            jobs::image_name(panel.world.image(store::ServerKind::vm).id).str());
  ASSERT_TRUE(run(*janitor));
  EXPECT_EQ(jobs_of(), 1);
}

TEST_F(Reconciling, after_a_boot_what_should_run_is_started_once) {
  auto const on = running("on");
  auto made = panel.create("off", store::ServerKind::vm, false);
  panel.finished(made->job);
  auto const restore = restore_power(panel.engine());
  ASSERT_TRUE(run(*restore));
  EXPECT_FALSE(node().boot_id.empty());
  // The machine boots: the guests are down and the boot has another id.
  contract::StopGuest stop;
  stop.guest = jobs::guest_id(on);
  stop.force = true;
  ASSERT_TRUE(panel.engine().stop_guest(stop));
  ASSERT_TRUE(run(*restore)) << "the same boot";
  EXPECT_EQ(panel.guest(on).state, contract::GuestState::stopped);
  ASSERT_TRUE(panel.world.store().write(
      panel.world.author(), [&](store::Transaction& tx) { return tx.nodes.set_boot(node().id, "an earlier boot"); }));
  ASSERT_TRUE(run(*restore));
  EXPECT_TRUE(eventually([&] { return panel.guest(on).state == contract::GuestState::running; }));
  EXPECT_EQ(panel.guest(made->server).state, contract::GuestState::stopped);
  ASSERT_TRUE(run(*restore));
  EXPECT_EQ(panel.count_events("server.power_wished"), 1);
}

TEST_F(Reconciling, housekeeping_removes_what_is_over_and_keeps_the_rest) {
  auto const server = running("web");
  ASSERT_TRUE(panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) -> Result<void> {
    TRY(tx.tickets.add({"old", server, std::nullopt, std::nullopt, store::TicketKind::serial, from_ms(1)}));
    return tx.tickets.add({"new", server, std::nullopt, std::nullopt, store::TicketKind::serial,
                           panel.clock.now() + std::chrono::hours(1)});
  }));
  ASSERT_TRUE(run(*expire_credentials()));
  EXPECT_FALSE(panel.world.store().write(panel.world.author(),
                                         [](store::Transaction& tx) { return tx.tickets.take("old", from_ms(0)); }));
  EXPECT_TRUE(panel.world.store().write(panel.world.author(),
                                        [](store::Transaction& tx) { return tx.tickets.take("new", from_ms(0)); }));

  auto jobs = [&] {
    return panel.world.store()
        .read(
            [](store::Snapshot& s) { return s.jobs.page(store::TenantScope::all_tenants_for_staff(), {}, {100, ""}); })
        ->items.size();
  };
  ASSERT_TRUE(run(*job_janitor(), std::chrono::days(89)));
  EXPECT_EQ(jobs(), 1u);
  ASSERT_TRUE(run(*job_janitor(), std::chrono::days(91)));
  EXPECT_EQ(jobs(), 0u);

  EXPECT_FALSE(panel.world.store().good_copy_at());
  ASSERT_TRUE(run(*database_copy()));
  EXPECT_TRUE(panel.world.store().good_copy_at());
}

TEST_F(Reconciling, a_schedule_runs_at_once_on_time_and_when_nudged) {
  struct Counting final : Reconciler {
    explicit Counting(std::atomic<int>& runs) : runs(runs) {}
    std::string_view name() const override { return "observe-guests"; }
    std::chrono::milliseconds interval() const override { return std::chrono::hours(1); }
    Result<void> run(services::Call& call) override {
      EXPECT_EQ(call.actor.name(), "reconciler:observe-guests");
      ++runs;
      return {};
    }
    std::atomic<int>& runs;
  };
  std::atomic<int> runs = 0;
  Schedule schedule(panel.world.store(), panel.clock, panel.settings);
  schedule.add(std::make_unique<Counting>(runs));
  schedule.start();
  EXPECT_TRUE(eventually([&] { return runs == 1; }));
  schedule.nudge("observe-guests");
  EXPECT_TRUE(eventually([&] { return runs == 2; }));
  schedule.nudge("unheard-of");
  schedule.stop();
  EXPECT_EQ(runs, 2);
}

// NW13: whatever sequence of restarts a counter goes through, the total is the sum of what was counted.
TEST(Counters, grow_by_what_was_counted_across_restarts) {
  EXPECT_TRUE(rc::check("total is the sum over lives", [] {
    auto const lives = *rc::gen::container<std::vector<std::vector<std::uint16_t>>>(
        rc::gen::container<std::vector<std::uint16_t>>(rc::gen::arbitrary<std::uint16_t>()));
    store::ServerObservation seen;
    std::uint64_t expected = 0;
    std::uint64_t last = 0;
    for (auto const& life : lives) {
      std::uint64_t raw = 0;
      bool first = true;
      for (std::uint64_t step : life) {
        // A new life is looked at before it has counted as much as the old one had; looks come every few seconds.
        if (std::exchange(first, false) && last > 0) step %= last;
        raw += step;
        contract::GuestStatus status;
        status.rx_bytes = raw;
        seen = jobs::observe(seen, status, from_ms(0));
        last = raw;
      }
      expected += raw;
    }
    RC_ASSERT(seen.usage.rx_bytes == expected);
  }));
}

}  // namespace
}  // namespace berth::reconcilers
