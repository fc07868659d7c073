// Threat 1: kill the panel at each journalled point of every job of a server, start it again, and look for what should
// not be there. The points come from the job list itself: a new job type or step is tested by being there.
#include <gtest/gtest.h>

#include <map>

#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/runner.hpp"
#include "tests/rules/crash_world.hpp"

namespace berth::crash {
namespace {

using store::JobState;

struct Case {
  std::string point;
  store::ServerKind kind;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (auto const& point : jobs::crash_points())
    for (auto kind : {store::ServerKind::vm, store::ServerKind::container})
      if (point.starts_with("server.") && tries(type_of(point))) all.push_back({point, kind});
  return all;
}

std::string name_of(::testing::TestParamInfo<Case> const& info) {
  return word_of(info.param.point, '_') + (info.param.kind == store::ServerKind::vm ? "_vm" : "_container");
}

class Crash : public ::testing::TestWithParam<Case> {
 protected:
  void calm(std::vector<std::string> const& options) { ASSERT_EQ(world().panel(options), 0); }
  std::vector<std::string> create() const {
    return {"--act", "create", "--subject", "victim", "--image", image_of(GetParam().kind)};
  }

  // What must be there before the act, the act, and the state of the guest after it.
  struct Scene {
    std::vector<std::string> act;
    contract::GuestState after = contract::GuestState::absent;
  };
  Scene prepare(std::string const& type) {
    using enum contract::GuestState;
    if (type == "server.create") return {create(), running};
    auto before = create();
    if (type == "server.start") before.emplace_back("--stopped");
    calm(before);
    if (type == "server.start") return {{"--act", "start", "--subject", "victim"}, running};
    // A guest that is just booting may not hear an orderly stop: cutting the power is the same job.
    if (type == "server.stop") return {{"--act", "power_off", "--subject", "victim"}, stopped};
    if (type == "server.restart") return {{"--act", "restart", "--subject", "victim"}, running};
    if (type == "server.pause") return {{"--act", "pause", "--subject", "victim"}, paused};
    if (type == "server.resume") {
      calm({"--act", "pause", "--subject", "victim"});
      return {{"--act", "resume", "--subject", "victim"}, running};
    }
    if (type == "server.regroup") return {{"--act", "join", "--subject", "victim"}, running};
    if (type == "server.delete") return {{"--act", "delete", "--subject", "victim"}, absent};
    ADD_FAILURE() << "how is a " << type << " asked for? Say so here.";
    return {};
  }

  // Each fact of this job, and of its server's life, once.
  static void expect_told_once(Findings const& found, store::Job const& job) {
    std::map<std::string, int> told;
    for (auto const& event : found.events)
      if (event.subject.job == job.id || (event.subject.server == job.server && event.type != "server.state_changed" &&
                                          event.type != "server.power_wished"))
        ++told[event.type + " " + event.text];
    for (auto const& [what, times] : told) EXPECT_EQ(times, 1) << what;
    auto const finished = std::ranges::count_if(
        found.events, [&](auto const& e) { return e.type == "job.finished" && e.subject.job == job.id; });
    EXPECT_EQ(finished, 1);
  }

  static void expect_guest(Findings const& found, store::Job const& job, contract::GuestState state) {
    ASSERT_EQ(found.guests.size(), 1u);
    EXPECT_EQ(found.guests.front().guest, jobs::guest_id(*job.server).str());
    EXPECT_EQ(found.guests.front().state, state);
  }
};

TEST_P(Crash, leaves_nothing_behind_and_tells_each_fact_once) {
  auto const& point = GetParam().point;
  auto const type = type_of(point);
  remember_empty_machine();
  auto const addresses = look().addresses;
  auto const scene = prepare(type);
  crash_and_come_back(scene.act, point);

  auto const found = look();
  ASSERT_FALSE(found.jobs.empty());
  auto const& job = found.jobs.front();
  EXPECT_EQ(job.type, type);
  EXPECT_EQ(job.state, undoes(point) ? JobState::undone : JobState::succeeded) << job.error_message;
  expect_told_once(found, job);
  // What is undone is the job: only a creation takes its guest back.
  bool const unmade = undoes(point) && type == "server.create";
  bool const nobody = unmade || type == "server.delete";
  if (nobody)
    expect_machine_is_empty();
  else
    expect_guest(found, job, scene.after);
  EXPECT_EQ(found.addresses, nobody ? addresses : addresses + 1);
  ASSERT_EQ(found.servers.size(), type == "server.delete" ? 0u : 1u);
  if (type != "server.delete") {
    EXPECT_EQ(found.servers.front().peer_group.has_value(), type == "server.regroup" && !undoes(point));
  }
  if (unmade) {
    EXPECT_EQ(found.servers.front().build, store::BuildState::failed);
  }
  if (type != "server.delete") calm({"--act", "delete", "--subject", "victim"});
  expect_nothing_left(addresses);
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, Crash, ::testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace berth::crash
