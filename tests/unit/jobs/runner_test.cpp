// The runner on the engine in memory: what jobs leave behind when they succeed, fail, wait, are called off or tried
// again.
#include "firmware/jobs/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/compute/server_power.hpp"
#include "firmware/services/system/job_control.hpp"
#include "tests/support/panel.hpp"

namespace berth::jobs {
namespace {

using store::JobState;
using store::StepState;
using support::eventually;
using ::testing::HasSubstr;

class Running : public ::testing::Test {
 protected:
  support::Panel panel;

  JobId power(ServerId const& server, compute::PowerAct act) {
    auto call = panel.call();
    auto granted = access::grant_server(call, server, access::Permission::server_power);
    auto job = compute::power(call, *granted, act);
    if (!job) ADD_FAILURE() << describe(job.error());
    return job.value_or(JobId{});
  }
  Result<void> cancel(JobId const& id) {
    auto call = panel.call();
    return services::cancel_job(call, TRY(access::grant_job(call, id, access::Permission::job_control)));
  }
  Result<void> retry(JobId const& id) {
    auto call = panel.call();
    return services::retry_job(call, TRY(access::grant_job(call, id, access::Permission::job_control)));
  }
  Result<JobId> remove(ServerId const& id) {
    auto call = panel.call();
    return compute::delete_server(call, TRY(access::grant_server(call, id, access::Permission::server_delete)));
  }
};

TEST_F(Running, a_created_server_runs_and_every_step_is_done) {
  panel.start();
  for (auto kind : {store::ServerKind::vm, store::ServerKind::container}) {
    auto made = panel.create(kind == store::ServerKind::vm ? "vm" : "ct", kind);
    ASSERT_TRUE(made) << describe(made.error());
    auto const job = panel.finished(made->job);
    EXPECT_EQ(job.state, JobState::succeeded) << job.error_message;
    for (auto const& step : job.steps) {
      EXPECT_EQ(step.state, StepState::done) << step.name;
      EXPECT_TRUE(step.started_at && step.finished_at) << step.name;
    }
    EXPECT_EQ(panel.guest(made->server).state, contract::GuestState::running);
    auto seen = panel.world.store().read([&](store::Snapshot& s) { return s.servers.observation(made->server); });
    EXPECT_EQ(seen->state, store::ObservedState::running);
  }
  EXPECT_EQ(panel.count_events("server.created"), 2);
  EXPECT_EQ(panel.count_events("server.built"), 2);
}

TEST_F(Running, a_server_that_shall_not_start_is_defined_and_stopped) {
  panel.start();
  auto made = panel.create("quiet", store::ServerKind::vm, false);
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::succeeded);
  EXPECT_EQ(panel.guest(made->server).state, contract::GuestState::stopped);
}

TEST_F(Running, power_acts_do_what_they_say) {
  panel.start();
  auto made = panel.create("web");
  ASSERT_TRUE(made);
  panel.finished(made->job);
  using enum compute::PowerAct;
  struct Row {
    compute::PowerAct act;
    contract::GuestState after;
  };
  for (auto const& row : {Row{pause, contract::GuestState::paused}, Row{resume, contract::GuestState::running},
                          Row{restart, contract::GuestState::running}, Row{shutdown, contract::GuestState::stopped},
                          Row{start, contract::GuestState::running}, Row{power_off, contract::GuestState::stopped}}) {
    auto const job = panel.finished(power(made->server, row.act));
    EXPECT_EQ(job.state, JobState::succeeded) << job.title << ": " << job.error_message;
    EXPECT_EQ(panel.guest(made->server).state, row.after) << job.title;
  }
}

TEST_F(Running, a_guest_that_does_not_shut_down_fails_the_job_at_once) {
  panel.start();
  auto made = panel.create("stubborn");
  ASSERT_TRUE(made);
  panel.finished(made->job);
  panel.engine().ignore_stops(guest_id(made->server));
  panel.settings.shutdown_timeout = std::chrono::seconds(0);
  auto const job = panel.finished(power(made->server, compute::PowerAct::shutdown));
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_EQ(job.error_slug, "guest-did-not-stop");
  EXPECT_EQ(panel.guest(made->server).state, contract::GuestState::running);
  EXPECT_EQ(panel.finished(power(made->server, compute::PowerAct::power_off)).state, JobState::succeeded);
}

TEST_F(Running, a_deleted_server_leaves_nothing) {
  panel.start();
  auto made = panel.create("gone");
  ASSERT_TRUE(made);
  panel.finished(made->job);
  auto const job = remove(made->server);
  ASSERT_TRUE(job);
  EXPECT_EQ(panel.finished(*job).state, JobState::succeeded);
  EXPECT_TRUE(panel.engine().guests()->empty());
  auto left = panel.world.store().read([&](store::Snapshot& s) { return s.pools.count_taken(panel.world.pool()); });
  EXPECT_EQ(left, 1u) << "the gateway's alone";
  EXPECT_EQ(panel.count_events("server.deleted"), 1);
}

TEST_F(Running, a_step_that_fails_is_undone_with_all_before_it) {
  panel.start();
  for (auto const* call : {"create_disk", "connect_network", "define_guest", "start_guest"}) {
    panel.engine().faults().fail_next(call, Error{ErrorCode::exhausted, "no-space", "The disk is full."});
    auto made = panel.create(std::string("fails at ") + call);
    ASSERT_TRUE(made);
    auto const job = panel.finished(made->job);
    EXPECT_EQ(job.state, JobState::undone) << call;
    EXPECT_EQ(job.error_slug, "no-space");
    auto const is_failed = [](store::JobStep const& step) { return step.state == StepState::failed; };
    auto const failed = std::ranges::find_if(job.steps, is_failed);
    ASSERT_NE(failed, job.steps.end()) << "undoing hides which step failed: " << call;
    for (auto step = failed + 1; step != job.steps.end(); ++step)
      EXPECT_EQ(step->state, StepState::skipped) << step->name;
    EXPECT_EQ(std::ranges::count_if(job.steps, is_failed), 1);
    EXPECT_TRUE(panel.engine().guests()->empty()) << "something is left after " << call;
    auto server = panel.world.store().read(
        [&](store::Snapshot& s) { return s.servers.get(made->server, store::TenantScope::all_tenants_for_staff()); });
    EXPECT_EQ(server->build, store::BuildState::failed);
    EXPECT_THAT(server->build_reason, HasSubstr("full"));
  }
  EXPECT_EQ(panel.count_events("server.build_failed"), 4);
  EXPECT_EQ(panel.count_events("server.built"), 0);
}

TEST_F(Running, a_failed_creation_can_be_tried_again) {
  panel.start();
  panel.engine().faults().fail_next("start_guest",
                                    Error{ErrorCode::exhausted, "no-memory", "There is too little memory."});
  auto made = panel.create("second-chance");
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::undone);
  auto again = retry(made->job);
  ASSERT_TRUE(again) << describe(again.error());
  ASSERT_TRUE(eventually([&] { return panel.job(made->job).state == JobState::succeeded; }));
  EXPECT_EQ(panel.job(made->job).attempt, 2);
  EXPECT_EQ(panel.guest(made->server).state, contract::GuestState::running);
  EXPECT_FALSE(retry(made->job)) << "what succeeded is not tried again";
}

TEST_F(Running, an_undone_creation_gives_its_address_back_and_a_retry_takes_a_free_one) {
  panel.start();
  auto const address = [&](ServerId const& server) {
    auto held = panel.world.store().read([&](store::Snapshot& s) { return s.pools.of_server(server); });
    return held && *held ? (*held)->address : 0;
  };
  panel.engine().faults().fail_next("create_disk", Error{ErrorCode::exhausted, "no-space", "The disk is full."});
  auto const first = panel.create("first");
  ASSERT_TRUE(first);
  EXPECT_EQ(panel.finished(first->job).state, JobState::undone);
  EXPECT_EQ(address(first->server), 0u);

  auto const second = panel.create("second");
  ASSERT_TRUE(second);
  EXPECT_EQ(panel.finished(second->job).state, JobState::succeeded);
  auto again = retry(first->job);
  ASSERT_TRUE(again) << describe(again.error());
  ASSERT_TRUE(eventually([&] { return panel.job(first->job).state == JobState::succeeded; }));
  EXPECT_NE(address(first->server), 0u);
  EXPECT_NE(address(first->server), address(second->server));
}

TEST_F(Running, a_creation_is_not_tried_again_without_a_free_address) {
  panel.start();
  panel.engine().faults().fail_next("create_disk", Error{ErrorCode::exhausted, "no-space", "The disk is full."});
  auto const made = panel.create("late");
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::undone);
  auto filled = panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) -> Result<void> {
    for (std::uint32_t address = 0x0a4d0002; address <= 0x0a4d00fe; ++address)
      TRY(tx.pools.hold({panel.world.pool(), address, std::nullopt}));
    return {};
  });
  ASSERT_TRUE(filled) << describe(filled.error());
  auto const refused = retry(made->job);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "pool-empty");
  EXPECT_EQ(panel.job(made->job).state, JobState::undone);

  auto const removal = remove(made->server);
  ASSERT_TRUE(removal) << describe(removal.error());
  EXPECT_EQ(panel.finished(*removal).state, JobState::succeeded) << "it can be deleted all the same";
}

TEST_F(Running, an_engine_that_does_not_answer_is_waited_for_and_the_log_says_so) {
  panel.start();
  for (int i = 0; i < 3; ++i)
    panel.engine().faults().fail_next("create_disk",
                                      Error{ErrorCode::unavailable, "engine-down", "The engine does not answer."});
  auto made = panel.create("patient");
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::succeeded);
  EXPECT_THAT(panel.log_of(made->job), HasSubstr("The engine does not answer. Trying again in"));
}

TEST_F(Running, undoing_waits_for_the_engine_too) {
  panel.start();
  panel.engine().faults().fail_next("start_guest",
                                    Error{ErrorCode::exhausted, "no-memory", "There is too little memory."});
  panel.engine().faults().fail_next("delete_disk",
                                    Error{ErrorCode::unavailable, "engine-down", "The engine does not answer."});
  auto made = panel.create("undone");
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::undone);
  EXPECT_TRUE(panel.engine().guests()->empty());
}

TEST_F(Running, a_job_called_off_between_two_steps_is_undone) {
  panel.start();
  panel.engine().faults().hang_next("define_guest");
  auto made = panel.create("called-off");
  ASSERT_TRUE(made);
  ASSERT_TRUE(eventually([&] { return panel.engine().faults().hanging() == 1; }));
  ASSERT_TRUE(cancel(made->job));
  ASSERT_TRUE(cancel(made->job)) << "asking twice is as asking once";
  panel.engine().faults().release();
  EXPECT_EQ(panel.finished(made->job).state, JobState::cancelled);
  EXPECT_TRUE(panel.engine().guests()->empty());
  EXPECT_FALSE(cancel(made->job));
  EXPECT_EQ(panel.count_events("job.cancel_wished"), 1);
}

TEST_F(Running, a_job_that_waits_for_the_engine_can_be_called_off) {
  auto options = support::Panel::quick();
  options.backoff_first = options.backoff_most = std::chrono::hours(1);
  panel.restart(options);
  panel.engine().faults().fail_next("create_disk",
                                    Error{ErrorCode::unavailable, "engine-down", "The engine does not answer."});
  auto made = panel.create("waiting");
  ASSERT_TRUE(made);
  ASSERT_TRUE(eventually([&] { return panel.log_of(made->job).contains("Trying again in"); }));
  ASSERT_TRUE(cancel(made->job));
  EXPECT_EQ(panel.finished(made->job).state, JobState::cancelled);
}

TEST_F(Running, a_queued_job_called_off_never_begins) {
  auto made = panel.create("never");
  ASSERT_TRUE(made);
  ASSERT_TRUE(cancel(made->job));
  panel.start();
  EXPECT_EQ(panel.finished(made->job).state, JobState::cancelled);
  EXPECT_TRUE(panel.engine().guests()->empty());
}

TEST_F(Running, a_deletion_under_way_cannot_be_called_off) {
  panel.start();
  auto made = panel.create("doomed");
  ASSERT_TRUE(made);
  panel.finished(made->job);
  panel.engine().faults().hang_next("stop_guest");
  auto const job = remove(made->server);
  ASSERT_TRUE(job);
  ASSERT_TRUE(eventually([&] { return panel.engine().faults().hanging() == 1; }));
  EXPECT_EQ(remove(made->server), *job) << "deleting twice is one job";
  auto refused = cancel(*job);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "job-not-cancellable");
  panel.engine().faults().release();
  EXPECT_EQ(panel.finished(*job).state, JobState::succeeded);
}

TEST_F(Running, a_stopped_runner_leaves_the_job_to_the_next_one) {
  panel.start();
  panel.engine().faults().hang_next("connect_network");
  auto made = panel.create("handed-over");
  ASSERT_TRUE(made);
  ASSERT_TRUE(eventually([&] { return panel.engine().faults().hanging() == 1; }));
  std::jthread stopper([&] { panel.stop(); });
  panel.engine().faults().release();
  stopper.join();
  panel.restart();
  EXPECT_EQ(panel.finished(made->job).state, JobState::succeeded);
  EXPECT_EQ(panel.count_events("server.built"), 1);
}

TEST_F(Running, many_at_once_each_get_an_address_of_their_own) {
  panel.start();
  std::vector<compute::CreatedServer> made;
  for (int i = 0; i < 40; ++i) {
    auto one = panel.create("web-" + std::to_string(i));
    ASSERT_TRUE(one) << describe(one.error());
    made.push_back(*one);
  }
  std::set<std::uint32_t> addresses;
  for (auto const& one : made) {
    EXPECT_EQ(panel.finished(one.job).state, JobState::succeeded);
    auto held = panel.world.store().read([&](store::Snapshot& s) { return s.pools.of_server(one.server); });
    ASSERT_TRUE(held && *held);
    addresses.insert((*held)->address);
  }
  EXPECT_EQ(addresses.size(), made.size());
}

TEST_F(Running, a_job_of_an_unknown_type_fails_and_says_so) {
  auto id = panel.world.store().write(panel.world.author(), [](store::Transaction& tx) {
    return tx.jobs.add({"server.fly", "Fly", std::nullopt, std::nullopt, "{}", {"up"}});
  });
  ASSERT_TRUE(id);
  panel.start();
  auto const job = panel.finished(*id);
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_EQ(job.error_slug, "job-type-unknown");
}

TEST(JobTypes, have_distinct_names_and_steps_that_act) {
  std::set<std::string_view> names;
  for (auto const* type : all_types()) {
    EXPECT_TRUE(names.insert(type->name).second) << type->name;
    EXPECT_FALSE(type->steps.empty()) << type->name;
    EXPECT_GT(type->deadline.count(), 0) << type->name;
    EXPECT_EQ(find_type(type->name), type);
    std::set<std::string_view> steps;
    for (auto const& step : type->steps) {
      EXPECT_NE(step.act, nullptr) << type->name << ": " << step.name;
      EXPECT_TRUE(steps.insert(step.name).second) << type->name << ": " << step.name;
    }
  }
}

TEST_F(Running, what_the_machine_says_of_itself_is_not_told_to_tenants) {
  panel.start();
  for (auto code : {ErrorCode::io, ErrorCode::internal}) {
    panel.engine().faults().fail_next("define_guest", Error{code, "broken", "/var/lib/berth-engine: libvirt says no."});
    auto made = panel.create("broken-" + std::to_string(static_cast<int>(code)));
    ASSERT_TRUE(made);
    auto const job = panel.finished(made->job);
    EXPECT_EQ(job.state, JobState::undone);
    EXPECT_THAT(job.error_message, HasSubstr(made->job.str())) << "what the operator looks for in the journal";
    auto const server = panel.world.store().read(
        [&](store::Snapshot& s) { return s.servers.get(made->server, store::TenantScope::all_tenants_for_staff()); });
    std::string told = job.error_message + panel.log_of(made->job) + server->build_reason;
    for (auto const& event : panel.events()) told += event.text;
    EXPECT_THAT(told, ::testing::Not(HasSubstr("libvirt")));
  }
}

TEST_F(Running, guests_that_do_not_listen_do_not_hold_up_others) {
  panel.start();
  std::vector<ServerId> deaf;
  for (int i = 0; i < 10; ++i) {
    auto made = panel.create("deaf-" + std::to_string(i));
    ASSERT_TRUE(made);
    ASSERT_EQ(panel.finished(made->job).state, JobState::succeeded);
    deaf.push_back(made->server);
  }
  for (auto const& server : deaf) {
    panel.engine().faults().hang_next("stop_guest");
    power(server, compute::PowerAct::shutdown);
  }
  ASSERT_TRUE(eventually([&] { return panel.engine().faults().hanging() == 10; }));
  auto made = panel.create("other");
  ASSERT_TRUE(made);
  EXPECT_EQ(panel.finished(made->job).state, JobState::succeeded);
  panel.engine().faults().release();
}

// What the owner wants of a server after a wish for it came to nothing: what was wanted before.
class Wishes : public Running {
 protected:
  ServerId server;
  store::WantedState wanted() {
    return panel.world.store()
        .read([&](store::Snapshot& s) { return s.servers.get(server, store::TenantScope::all_tenants_for_staff()); })
        .value_or(store::Server{})
        .wanted;
  }
  void have_running() {
    panel.start();
    auto made = panel.create("web");
    ASSERT_TRUE(made);
    ASSERT_EQ(panel.finished(made->job).state, JobState::succeeded);
    server = made->server;
    ASSERT_EQ(wanted(), store::WantedState::running);
  }
  // A runner whose only worker is busy with another server: what is asked for now stays queued.
  void occupy() {
    auto options = support::Panel::quick();
    options.workers = 1;
    panel.stop();
    panel.restart(options);
    panel.engine().faults().hang_next("create_disk");
    ASSERT_TRUE(panel.create("other"));
    ASSERT_TRUE(eventually([&] { return panel.engine().faults().hanging() == 1; }));
  }
  void cancel_queued(JobId const& id) {
    ASSERT_EQ(panel.job(id).state, JobState::queued);
    auto cancelled = cancel(id);
    ASSERT_TRUE(cancelled) << describe(cancelled.error());
    panel.engine().faults().release();
    EXPECT_EQ(panel.finished(id).state, JobState::cancelled);
  }
};

TEST_F(Wishes, a_deletion_called_off_before_it_began_leaves_the_server_as_it_was) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  ASSERT_NO_FATAL_FAILURE(occupy());
  auto const deletion = remove(server);
  ASSERT_TRUE(deletion);
  EXPECT_EQ(wanted(), store::WantedState::deleted);
  ASSERT_NO_FATAL_FAILURE(cancel_queued(*deletion));
  EXPECT_EQ(wanted(), store::WantedState::running);
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::restart)).state, JobState::succeeded);
  EXPECT_EQ(panel.finished(*remove(server)).state, JobState::succeeded);
}

TEST_F(Wishes, a_deletion_that_failed_half_way_is_still_wanted_also_when_its_next_try_is_called_off) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  panel.engine().faults().fail_next("delete_disk", Error{ErrorCode::conflict, "disk-busy", "The disk is in use."});
  auto const deletion = *remove(server);
  EXPECT_EQ(panel.finished(deletion).state, JobState::failed);
  EXPECT_EQ(wanted(), store::WantedState::deleted);
  ASSERT_NO_FATAL_FAILURE(occupy());
  ASSERT_TRUE(retry(deletion));
  ASSERT_NO_FATAL_FAILURE(cancel_queued(deletion));
  EXPECT_EQ(wanted(), store::WantedState::deleted);
}

TEST_F(Wishes, a_guest_that_ignores_the_shutdown_is_wanted_running_as_before) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  panel.engine().ignore_stops(guest_id(server));
  panel.settings.shutdown_timeout = std::chrono::seconds(0);
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::shutdown)).state, JobState::failed);
  EXPECT_EQ(wanted(), store::WantedState::running);
}

TEST_F(Wishes, a_power_act_called_off_before_it_began_changes_nothing) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  ASSERT_NO_FATAL_FAILURE(occupy());
  auto const job = power(server, compute::PowerAct::power_off);
  EXPECT_EQ(power(server, compute::PowerAct::power_off), job) << "pressed twice is one job";
  ASSERT_NO_FATAL_FAILURE(cancel_queued(job));
  EXPECT_EQ(wanted(), store::WantedState::running);
}

TEST_F(Wishes, an_act_that_happened_stays_wanted_although_its_record_failed) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  auto options = support::Panel::quick();
  options.faults.fail_at = "server.stop:2";
  panel.stop();
  panel.restart(options);
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::power_off)).state, JobState::failed);
  EXPECT_EQ(wanted(), store::WantedState::stopped);
}

TEST_F(Wishes, a_stop_tried_again_is_wanted_again_and_goes_back_to_what_is_wanted_by_then) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  panel.engine().faults().fail_next("stop_guest", Error{ErrorCode::conflict, "no", "It does not."});
  auto const job = power(server, compute::PowerAct::power_off);
  EXPECT_EQ(panel.finished(job).state, JobState::failed);
  EXPECT_EQ(wanted(), store::WantedState::running);
  ASSERT_TRUE(retry(job));
  EXPECT_EQ(wanted(), store::WantedState::stopped);
  EXPECT_EQ(panel.finished(job).state, JobState::succeeded);
}

TEST_F(Wishes, an_old_start_is_tried_again_only_where_its_button_could_be_pressed) {
  ASSERT_NO_FATAL_FAILURE(have_running());
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::power_off)).state, JobState::succeeded);
  panel.engine().faults().fail_next("start_guest", Error{ErrorCode::exhausted, "no-memory", "Too little memory."});
  auto const old = power(server, compute::PowerAct::start);
  EXPECT_EQ(panel.finished(old).state, JobState::failed);
  EXPECT_EQ(wanted(), store::WantedState::stopped);
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::start)).state, JobState::succeeded);
  EXPECT_EQ(panel.finished(power(server, compute::PowerAct::pause)).state, JobState::succeeded);
  auto const refused = retry(old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "server-paused");
  EXPECT_EQ(wanted(), store::WantedState::paused);
}

}  // namespace
}  // namespace berth::jobs
