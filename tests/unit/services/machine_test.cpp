// What may be wanted of the machine itself, when its window is open, and what happens by itself.
#include "firmware/services/system/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "firmware/jobs/machine_wishes.hpp"
#include "firmware/services/system/job_control.hpp"
#include "tests/support/panel.hpp"
#include "tests/support/small_disk.hpp"

namespace berth::services {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view bundle = "berth-bundle 2.0.0\n";

contract::Hostname hostname(std::string_view text) {
  return contract::Hostname::parse(text).value();
}

FileSource source_of(std::string text) {
  return {text.size(), [text, at = std::size_t{0}](std::span<char> out) mutable -> Result<std::size_t> {
            auto const n = std::string_view(text).substr(at).copy(out.data(), out.size());
            at += n;
            return n;
          }};
}

class TheMachine : public ::testing::Test {
 protected:
  support::Panel panel;
  Call as_administrator = panel.call();
  Granted<access::System> system = access::grant_system(as_administrator, access::Permission::system_manage).value();

  void look() {
    auto seen = jobs::look_at_machine(panel.outside().all(), std::nullopt, jobs::Depth::with_found);
    ASSERT_TRUE(seen) << describe(seen.error());
    auto call = panel.call();
    ASSERT_TRUE(call.write([&](store::Transaction& tx) { return jobs::record_machine(tx, *seen); }));
  }
  Call now() { return panel.call(); }
  Result<MachineView> shown() {
    auto call = now();
    return show_machine(call, system);
  }
  std::vector<std::string> staged() {
    std::vector<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator(panel.world.folder() / "machine"))
      if (entry.path().filename().string().starts_with("update-")) names.push_back(entry.path().filename());
    return names;
  }
  UpdatePolicy automatic(std::string_view from = "00:00", int minutes = 1440) {
    auto policy = first_update_policy();
    policy.channel_url = Text<0, 500>::parse("https://updates.example.org/berth").value();
    policy.automatic = true;
    policy.window.weekdays.items = {Weekday::monday, Weekday::tuesday,  Weekday::wednesday, Weekday::thursday,
                                    Weekday::friday, Weekday::saturday, Weekday::sunday};
    policy.window.from = Text<5, 5>::parse(from).value();
    policy.window.minutes.value = minutes;
    return policy;
  }
};

TEST_F(TheMachine, is_unknown_until_it_was_looked_at) {
  EXPECT_EQ(shown().error().slug, "machine-unknown");
  auto call = now();
  EXPECT_EQ(set_hostname(call, system, hostname("other")).error().slug, "machine-unknown");
  look();
  EXPECT_EQ(shown()->look.seen.facts.hostname, "berth");
}

TEST_F(TheMachine, is_named_by_a_job_that_is_asked_for_once) {
  look();
  auto call = now();
  auto const first = set_hostname(call, system, hostname("other"));
  ASSERT_TRUE(first);
  EXPECT_EQ(set_hostname(call, system, hostname("other")).value(), *first);
  EXPECT_EQ(set_hostname(call, system, hostname("third")).error().slug, "job-under-way");
  panel.start();
  EXPECT_EQ(panel.finished(*first).state, store::JobState::succeeded);
  EXPECT_EQ(shown()->look.seen.facts.hostname, "other");
  EXPECT_EQ(panel.count_events("machine.wished"), 1);
}

TEST_F(TheMachine, is_left_alone_when_berth_did_not_set_it_up) {
  fake::FakeMachine mine(panel.clock, {.appliance = false});
  support::OutsideInMemory outside(panel.engine(), mine, panel.world.folder() / "other");
  auto const seen = jobs::look_at_machine(outside.all(), std::nullopt, jobs::Depth::with_found);
  ASSERT_TRUE(seen) << describe(seen.error());
  auto call = now();
  ASSERT_TRUE(call.write([&](store::Transaction& tx) { return jobs::record_machine(tx, *seen); }));
  EXPECT_FALSE(shown()->look.seen.facts.appliance);
  EXPECT_EQ(set_hostname(call, system, hostname("other")).error().slug, "not-an-appliance");
  EXPECT_EQ(restart(call, system, hostname("berth")).error().slug, "not-an-appliance");
  EXPECT_TRUE(renew_certificate(call, system));
}

TEST_F(TheMachine, ends_its_uptime_only_by_its_name_and_not_while_it_is_updated) {
  look();
  auto call = now();
  auto const wrong = restart(call, system, hostname("another"));
  EXPECT_EQ(wrong.error().fields.front().rule, FieldRule::wrong_machine_name);
  ASSERT_TRUE(install_sent(call, system, panel.outside().files(), source_of(std::string(bundle))));
  EXPECT_EQ(restart(call, system, hostname("berth")).error().slug, "job-under-way");
  EXPECT_EQ(choose_slot(call, system, contract::SlotName::a).error().slug, "job-under-way");
  EXPECT_TRUE(set_hostname(call, system, hostname("other")));
}

TEST_F(TheMachine, restarts_once_for_one_wish) {
  look();
  auto call = now();
  auto const job = restart(call, system, hostname("berth"));
  EXPECT_EQ(restart(call, system, hostname("berth")).value(), *job);
  panel.start();
  EXPECT_EQ(panel.finished(*job).state, store::JobState::succeeded);
  EXPECT_EQ(panel.machine().asked_power(), contract::PowerAct::restart);
}

TEST_F(TheMachine, takes_an_update_and_forgets_its_file) {
  look();
  auto call = now();
  auto const job = install_sent(call, system, panel.outside().files(), source_of(std::string(bundle)));
  ASSERT_TRUE(job) << describe(job.error());
  EXPECT_EQ(staged().size(), 1u);
  auto const in_use = updates_in_use(call, system);
  EXPECT_THAT(*in_use, ElementsAre(staged().front()));
  ASSERT_TRUE(panel.outside().files().sweep(*in_use));
  EXPECT_EQ(staged().size(), 1u);
  panel.start();
  EXPECT_EQ(panel.finished(*job).state, store::JobState::succeeded);
  EXPECT_THAT(staged(), IsEmpty());
  EXPECT_EQ(shown()->look.seen.slots.next, contract::SlotName::b);
}

TEST_F(TheMachine, says_why_an_update_failed_and_sweeps_its_file) {
  look();
  panel.start();
  auto call = now();
  panel.machine().fail_update("The disk is worn out.");
  auto const job = install_sent(call, system, panel.outside().files(), source_of(std::string(bundle)));
  ASSERT_TRUE(job);
  auto const ended = panel.finished(*job);
  EXPECT_EQ(ended.state, store::JobState::failed);
  EXPECT_EQ(ended.error_message, "The disk is worn out.");
  ASSERT_TRUE(panel.outside().files().sweep(*updates_in_use(call, system)));
  EXPECT_THAT(staged(), IsEmpty());
  auto const granted = access::grant_job(call, *job, access::Permission::job_control);
  EXPECT_EQ(retry_job(call, *granted).error().slug, "job-not-retryable");
}

TEST_F(TheMachine, keeps_nothing_of_a_file_that_does_not_arrive) {
  look();
  auto call = now();
  auto half = source_of(std::string(bundle));
  half.bytes = 5000;
  EXPECT_EQ(install_sent(call, system, panel.outside().files(), half).error().slug, "body-too-short");
  FileSource const broken{1000, [](std::span<char>) -> Result<std::size_t> {
                            return fail(ErrorCode::cancelled, "body-cut-off", "It left.");
                          }};
  EXPECT_EQ(install_sent(call, system, panel.outside().files(), broken).error().slug, "body-cut-off");
  FileSource huge = broken;
  huge.bytes = jobs::MachineFiles::update_bytes_max + 1;
  EXPECT_EQ(install_sent(call, system, panel.outside().files(), huge).error().slug, "update-too-large");
  EXPECT_THAT(staged(), IsEmpty());
}

TEST_F(TheMachine, is_kept_up_to_date_by_itself_within_its_window_and_only_once) {
  look();
  panel.start();
  auto call = now();
  ASSERT_TRUE(set_update_policy(call, system, automatic()));
  panel.outside().channel.offers("2.0.0", std::string(bundle));
  auto const turn = [&](std::chrono::milliseconds later) {
    services::Call by_itself(panel.world.store(), access::Actor::reconciler("automatic-updates"),
                             panel.clock.now() + later, panel.settings);
    auto const granted = access::grant_system(by_itself, access::Permission::system_manage);
    ASSERT_TRUE(keep_up_to_date(by_itself, *granted));
    ASSERT_TRUE(support::eventually([&] { return shown()->jobs.empty(); }));
  };
  turn(std::chrono::minutes(1));
  EXPECT_EQ(shown()->look.seen.slots.next, contract::SlotName::b);
  EXPECT_FALSE(panel.machine().asked_power());
  turn(std::chrono::minutes(2));
  EXPECT_EQ(panel.machine().asked_power(), contract::PowerAct::restart);
  auto const wishes = panel.count_events("machine.wished");
  // The release did not stay: it is neither started nor installed again by itself.
  turn(std::chrono::minutes(3));
  ASSERT_TRUE(panel.machine().choose_slot(contract::SlotName::a));
  look();
  EXPECT_EQ(panel.count_events("machine.wished"), wishes);
  turn(std::chrono::hours(23));
  EXPECT_EQ(shown()->look.seen.slots.next, contract::SlotName::a);
  EXPECT_EQ(panel.outside().channel.asked(), 3);  // the last time nothing was fetched
}

TEST_F(TheMachine, does_nothing_by_itself_out_of_hours_or_without_a_channel) {
  look();
  auto call = now();
  ASSERT_TRUE(keep_up_to_date(call, system));
  auto const hour = std::chrono::floor<std::chrono::hours>(panel.clock.now() + std::chrono::hours(5));
  auto const elsewhen = std::format("{:%H:%M}", std::chrono::floor<std::chrono::minutes>(hour));
  ASSERT_TRUE(set_update_policy(call, system, automatic(elsewhen, 30)));
  ASSERT_TRUE(keep_up_to_date(call, system));
  EXPECT_THAT(shown()->jobs, IsEmpty());
  EXPECT_EQ(panel.outside().channel.asked(), 0);
}

TEST_F(TheMachine, refuses_a_file_that_the_disk_has_no_room_for) {
  support::SmallDisk const disk("80m");
  if (!disk.ready()) GTEST_SKIP() << "needs root for a small file system";
  auto const files = jobs::MachineFiles::open(disk.path() / "machine");
  ASSERT_TRUE(files);
  look();
  auto call = now();
  FileSource const large{30 << 20, [](std::span<char> out) -> Result<std::size_t> { return out.size(); }};
  EXPECT_EQ(install_sent(call, system, **files, large).error().slug, "disk-full");
  EXPECT_TRUE(std::filesystem::is_empty(disk.path() / "machine"));
  EXPECT_TRUE(install_sent(call, system, **files, source_of(std::string(bundle))));
}

TEST(Window, is_open_on_its_days_in_the_machines_own_time) {
  using namespace std::chrono;
  MaintenanceWindow window;
  window.weekdays.items = {Weekday::saturday};
  window.from = Text<5, 5>::parse("23:00").value();
  window.minutes.value = 120;
  auto const at = [](sys_days day, int hour, int minute) {
    return time_point_cast<milliseconds>(day + hours(hour) + minutes(minute));
  };
  sys_days const saturday = 2026y / November / 21;
  EXPECT_FALSE(is_open(window, at(saturday, 22, 59), "Etc/UTC"));
  EXPECT_TRUE(is_open(window, at(saturday, 23, 0), "Etc/UTC"));
  EXPECT_TRUE(is_open(window, at(saturday + days(1), 0, 59), "Etc/UTC"));
  EXPECT_FALSE(is_open(window, at(saturday + days(1), 1, 0), "Etc/UTC"));
  EXPECT_FALSE(is_open(window, at(saturday, 0, 30), "Etc/UTC"));
  // Warsaw is an hour ahead in winter, two in summer.
  EXPECT_TRUE(is_open(window, at(saturday, 22, 0), "Europe/Warsaw"));
  EXPECT_FALSE(is_open(window, at(saturday + days(1), 0, 30), "Europe/Warsaw"));
  sys_days const in_july = 2026y / July / 18;
  EXPECT_TRUE(is_open(window, at(in_july, 21, 0), "Europe/Warsaw"));
  EXPECT_FALSE(is_open(window, at(in_july, 20, 59), "Europe/Warsaw"));
  EXPECT_TRUE(is_open(window, at(saturday, 23, 0), "Nowhere/Atall"));
}

}  // namespace
}  // namespace berth::services
