// Threat 1 for the jobs about the machine itself: killed at each journalled point, they go on, and leave nothing lying about.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "drivers/contract/machine_client.hpp"
#include "firmware/jobs/runner.hpp"
#include "tests/rules/crash_world.hpp"

namespace berth::crash {
namespace {

std::vector<std::string> points() {
  std::vector<std::string> all;
  for (auto const& point : jobs::crash_points())
    if (point.starts_with("machine.")) all.push_back(point);
  return all;
}

std::string name_of(::testing::TestParamInfo<std::string> const& info) {
  return word_of(info.param, '_');
}

std::vector<std::string> updates_left() {
  std::vector<std::string> left;
  for (auto const& entry : std::filesystem::directory_iterator(world().state() / "machine"))
    if (entry.path().filename().string().starts_with("update-")) left.push_back(entry.path().string());
  return left;
}

class MachineCrash : public ::testing::TestWithParam<std::string> {
 protected:
  contract::MachineClient machine{world().socket()};

  void calm(std::string const& act) { ASSERT_EQ(world().panel({"--act", act}), 0); }
  std::string next_version() {
    auto const slots = machine.slots().value();
    return std::ranges::find(slots.slots, slots.next, &contract::Slot::name)->version;
  }

  // Before the job: what it needs to have something to do.
  void prepare(std::string const& type) {
    if (type == "machine.confirm-network" || type == "machine.revert-network") calm("machine.try-network");
    if (type == "machine.install-update" || type == "machine.check-updates") calm("machine.choose-slot");
    if (type == "machine.choose-slot") calm("machine.install-update");
  }

  // After it: what the machine says.
  bool is_done(std::string const& type) {
    auto const network = machine.network().value();
    auto const there = [](char const* name) { return std::filesystem::exists(world().state() / "machine" / name); };
    if (type == "machine.set-hostname") return machine.facts()->hostname == "crash-test";
    if (type == "machine.set-time") return machine.time_settings()->time_zone.str() == "Europe/Berlin";
    if (type == "machine.try-network") return network.tried.has_value();
    if (type == "machine.confirm-network") return !network.tried && network.kept.links.items.front().mtu.has_value();
    if (type == "machine.revert-network") return !network.tried;
    if (type == "machine.set-ssh") return machine.ssh()->enabled;
    if (type == "machine.choose-slot") return next_version() == "1.0.0";
    if (type == "machine.install-update" || type == "machine.check-updates") return next_version() == "2.0.0";
    if (type == "machine.support-bundle") return there("support-bundle.tar.gz");
    if (type == "machine.renew-certificate") return there("certificate");
    return type == "machine.restart" || type == "machine.power-off" || type == "machine.factory-reset";
  }
};

TEST_P(MachineCrash, goes_on_and_leaves_nothing_behind) {
  auto const& point = GetParam();
  auto const type = type_of(point);
  prepare(type);
  crash_and_come_back({"--act", type, "--subject", "crash-test"}, point);

  auto const found = look();
  ASSERT_FALSE(found.jobs.empty());
  auto const& job = found.jobs.front();
  EXPECT_EQ(job.type, type);
  EXPECT_EQ(job.state, store::JobState::succeeded) << job.error_message;
  std::map<std::string, int> told;
  for (auto const& event : found.events)
    if (event.subject.job == job.id && event.type != "job.progressed") ++told[event.type + " " + event.text];
  for (auto const& [what, times] : told) EXPECT_EQ(times, 1) << what;
  EXPECT_EQ(updates_left(), std::vector<std::string>{});
  EXPECT_TRUE(is_done(type)) << "or say here how it is seen";
  if (type == "machine.try-network") calm("machine.revert-network");
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, MachineCrash, ::testing::ValuesIn(points()), name_of);

}  // namespace
}  // namespace berth::crash
