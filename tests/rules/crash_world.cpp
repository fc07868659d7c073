#include "tests/rules/crash_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <format>
#include <map>
#include <sstream>

#include "firmware/jobs/runner.hpp"
#include "tests/support/eventually.hpp"

namespace berth::crash {

using contract::testing::Program;

namespace {

std::string residue_of_no_guest() {
  // One whole life of each kind first: what the engine makes for good (the bridge, its rules) is there from then on.
  static auto const residue = [] {
    for (auto kind : {store::ServerKind::vm, store::ServerKind::container}) {
      EXPECT_EQ(world().panel({"--act", "create", "--subject", "first", "--image", image_of(kind)}), 0);
      EXPECT_EQ(world().panel({"--act", "delete", "--subject", "first"}), 0);
    }
    return world().residue();
  }();
  return residue;
}

// Lines that only one of them has.
std::string differences(std::string const& before, std::string const& now) {
  std::map<std::string, int> balance;
  auto const count = [&](std::string const& text, int step) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) balance[line] += step;
  };
  count(before, -1);
  count(now, 1);
  std::string all;
  for (auto const& [line, times] : balance)
    if (times != 0) all += (times > 0 ? "left behind: " : "gone: ") + line + "\n";
  return all;
}

}  // namespace

std::unique_ptr<Program> CrashWorld::start_panel(std::vector<std::string> const& options) {
  std::vector<std::string> argv{"berth-crash-panel", "--state", folder_.path().string(), "--engine", socket()};
  argv.insert(argv.end(), options.begin(), options.end());
  return std::make_unique<Program>(std::move(argv));
}

std::unique_ptr<store::Store> CrashWorld::store() {
  auto opened = store::Store::open({folder_.path() / "berth.db"});
  if (!opened) ADD_FAILURE() << describe(opened.error());
  return opened ? *std::move(opened) : nullptr;
}

contract::Engine& CrashWorld::engine() {
  if (!engine_) engine_ = std::make_unique<contract::EngineClient>(socket());
  return *engine_;
}

CrashWorld& world() {
  static auto const instance = [] {
    auto made = make_world();
    EXPECT_EQ(made->panel({"--act", "images", "--subject", made->images()}), 0);
    return made;
  }();
  return *instance;
}

std::string image_of(store::ServerKind kind) {
  return kind == store::ServerKind::vm ? "tiny-vm" : "tiny";
}

Findings look() {
  Findings found;
  auto const store = world().store();
  if (!store) return found;
  auto const everybody = store::TenantScope::all_tenants_for_staff();
  auto read = store->read([&](store::Snapshot& s) -> Result<void> {
    auto const node = TRY(s.nodes.local());
    found.servers = TRY(s.servers.on_node(node.id));
    found.jobs = TRY(s.jobs.page(everybody, {}, {20, ""})).items;
    found.events = TRY(s.events.after(0, 1'000'000, {everybody}));
    for (auto const& pool : TRY(s.pools.on_node(node.id))) found.addresses += TRY(s.pools.count_taken(pool.id));
    return {};
  });
  EXPECT_TRUE(read);
  auto guests = world().engine().guests();
  EXPECT_TRUE(guests) << describe(guests.error());
  if (guests) found.guests = *std::move(guests);
  return found;
}

std::string type_of(std::string const& point) {
  return point.substr(0, point.find(':'));
}
bool undoes(std::string const& point) {
  return point.contains(":undo-");
}
std::string word_of(std::string point, char between) {
  std::ranges::replace_if(point, [](char c) { return c == ':' || c == '.' || c == '-'; }, between);
  return point;
}

void crash_and_come_back(std::vector<std::string> act, std::string const& point) {
  auto const type = type_of(point);
  act.insert(act.end(), {"--crash-at", point});
  if (undoes(point)) {
    auto const last = std::format("{}:{}", type, jobs::find_type(type)->steps.size());
    act.insert(act.end(), {"--fail-at", last});
  }
  ASSERT_EQ(world().panel(act), 137) << "the panel did not die at " << point;
  ASSERT_EQ(world().panel({}), 0);
}

void remember_empty_machine() {
  (void)residue_of_no_guest();
}

void expect_machine_is_empty() {
  auto const guests = world().engine().guests();
  ASSERT_TRUE(guests) << describe(guests.error());
  EXPECT_TRUE(guests->empty()) << guests->front().guest << " is left at the engine";
  auto const before = residue_of_no_guest();
  std::string now;
  EXPECT_TRUE(support::eventually([&] { return (now = world().residue()) == before; })) << differences(before, now);
}

void expect_nothing_left(std::uint64_t addresses_before) {
  auto const left = look();
  EXPECT_TRUE(left.servers.empty());
  EXPECT_EQ(left.addresses, addresses_before);
  expect_machine_is_empty();
}

}  // namespace berth::crash
