// Threat 1: kill the panel at each journalled point of every job, start it again, and look for what should not be
// there. The points come from the job list itself: a new job type or step is tested by being there.
//
// By default against berth-engine-fake, which lives on while the panel dies. Against another engine:
//   BERTH_CRASH_ENGINE=/run/berth/engine.sock BERTH_CRASH_IMAGES=/cache/images BERTH_CRASH_VM=tiny-vm
//   BERTH_CRASH_CONTAINER=tiny
#include <gtest/gtest.h>

#include <cstdlib>
#include <format>
#include <fstream>
#include <map>

#include "drivers/contract/client.hpp"
#include "firmware/base/random.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/runner.hpp"
#include "firmware/services/call.hpp"
#include "tests/contract/program.hpp"

namespace berth {
namespace {

using contract::testing::Program;
using store::JobState;

std::string variable(char const* name, std::string otherwise) {
  char const* value = std::getenv(name);
  return value == nullptr ? std::move(otherwise) : value;
}

// One state folder and one engine for all cases: what a case leaves behind, the next one stumbles over.
class CrashWorld {
 public:
  CrashWorld() {
    images_ = variable("BERTH_CRASH_IMAGES", "");
    socket_ = variable("BERTH_CRASH_ENGINE", "");
    if (images_.empty()) {
      images_ = (folder_.path() / "images").string();
      add_image("tiny-vm", "vm", "qcow2");
      add_image("tiny", "container", "oci-archive");
    }
    if (socket_.empty()) {
      socket_ = (folder_.path() / "engine.sock").string();
      fake_ = std::make_unique<Program>(std::vector<std::string>{"berth-engine-fake", "--socket", socket_});
      EXPECT_TRUE(contract::testing::await_socket(socket_, *fake_));
    }
    engine_ = std::make_unique<contract::EngineClient>(socket_);
    EXPECT_EQ(panel({"--act", "images", "--subject", images_}), 0);
  }

  void add_image(std::string const& name, std::string const& kind, std::string const& format) {
    auto const place = std::filesystem::path(images_) / name;
    std::filesystem::create_directories(place);
    std::ofstream(place / "image.file") << name;
    std::ofstream(place / "image.json") << std::format(
        R"({{"name":"{0}","title":"{0}","kind":"{1}","file":"image.file","format":"{2}","sha256":"{3}","os":"x","version":"1",)"
        R"("login":"root","size_bytes":{4},"min_disk_bytes":67108864,"min_memory_bytes":16777216,"arch":"amd64"}})",
        name, kind, format, sha256_hex(name), name.size());
  }

  // Runs the panel until it ends by itself; its exit code.
  int panel(std::vector<std::string> const& options) {
    std::vector<std::string> argv{"berth-crash-panel", "--state", folder_.path().string(), "--engine", socket_};
    argv.insert(argv.end(), options.begin(), options.end());
    return Program(std::move(argv)).wait();
  }
  std::unique_ptr<store::Store> store() {
    auto opened = store::Store::open({folder_.path() / "berth.db"});
    if (!opened) ADD_FAILURE() << describe(opened.error());
    return opened ? *std::move(opened) : nullptr;
  }
  contract::Engine& engine() { return *engine_; }
  std::string const& images() const { return images_; }
  bool own_images() const { return std::getenv("BERTH_CRASH_IMAGES") == nullptr; }

 private:
  support::TemporaryFolder folder_;
  std::string images_;
  std::string socket_;
  std::unique_ptr<Program> fake_;
  std::unique_ptr<contract::EngineClient> engine_;
};

CrashWorld& world() {
  static CrashWorld
      instance;  // one for the whole run: starting an engine for each of a hundred cases would take minutes
  return instance;
}

struct Case {
  std::string point;  // "server.create:3:before"
  store::ServerKind kind;
};

// Import is the same for both kinds.
std::vector<Case> import_cases() {
  std::vector<Case> cases;
  for (auto const& point : jobs::crash_points())
    if (point.starts_with("image.")) cases.push_back({point, store::ServerKind::vm});
  return cases;
}

std::vector<Case> server_cases() {
  std::vector<Case> cases;
  for (auto const& point : jobs::crash_points())
    for (auto kind : {store::ServerKind::vm, store::ServerKind::container})
      if (!point.starts_with("image.")) cases.push_back({point, kind});
  return cases;
}

std::string name_of(::testing::TestParamInfo<Case> const& info) {
  std::string name = info.param.point + (info.param.kind == store::ServerKind::vm ? "_vm" : "_container");
  std::ranges::replace_if(name, [](char c) { return c == ':' || c == '.' || c == '-'; }, '_');
  return name;
}

std::string type_of(std::string const& point) {
  return point.substr(0, point.find(':'));
}
bool undoes(std::string const& point) {
  return point.contains(":undo-");
}

// What a test sees of the world after the panel came to rest.
struct Findings {
  std::vector<store::Server> servers;
  std::vector<store::Job> jobs;  // newest first
  std::vector<store::Event> events;
  std::uint64_t addresses = 0;
  std::vector<contract::GuestStatus> guests;
};

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

class Crash : public ::testing::TestWithParam<Case> {
 protected:
  std::string image() const {
    return GetParam().kind == store::ServerKind::vm ? variable("BERTH_CRASH_VM", "tiny-vm")
                                                    : variable("BERTH_CRASH_CONTAINER", "tiny");
  }
  void calm(std::vector<std::string> const& options) { ASSERT_EQ(world().panel(options), 0); }
  void create(bool stopped) {
    std::vector<std::string> options{"--act", "create", "--subject", "victim", "--image", image()};
    if (stopped) options.emplace_back("--stopped");
    calm(options);
  }

  // What must be there before the act, the act, and the state of the guest after it.
  struct Scene {
    std::vector<std::string> act;
    contract::GuestState after = contract::GuestState::absent;
  };
  Scene prepare(std::string const& type) {
    using enum contract::GuestState;
    if (type == "server.create") return {{"--act", "create", "--subject", "victim", "--image", image()}, running};
    create(type == "server.start");
    if (type == "server.start") return {{"--act", "start", "--subject", "victim"}, running};
    // A guest that is just booting may not hear an orderly stop: cutting the power is the same job.
    if (type == "server.stop") return {{"--act", "power_off", "--subject", "victim"}, stopped};
    if (type == "server.restart") return {{"--act", "restart", "--subject", "victim"}, running};
    if (type == "server.pause") return {{"--act", "pause", "--subject", "victim"}, paused};
    if (type == "server.resume") {
      calm({"--act", "pause", "--subject", "victim"});
      return {{"--act", "resume", "--subject", "victim"}, running};
    }
    if (type == "server.delete") return {{"--act", "delete", "--subject", "victim"}, absent};
    ADD_FAILURE() << "how is a " << type << " asked for? Say so here.";
    return {};
  }

  void crash_and_come_back(std::vector<std::string> act) {
    auto const& point = GetParam().point;
    act.insert(act.end(), {"--crash-at", point});
    if (undoes(point)) act.insert(act.end(), {"--fail-at", last_step(type_of(point))});
    ASSERT_EQ(world().panel(act), 137) << "the panel did not die at " << point;
    calm({});
  }
  static std::string last_step(std::string const& type) {
    return std::format("{}:{}", type, jobs::find_type(type)->steps.size());
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

  void expect_nothing_left(std::uint64_t addresses_before) {
    auto const left = look();
    EXPECT_TRUE(left.servers.empty());
    EXPECT_TRUE(left.guests.empty()) << left.guests.front().guest << " is left at the engine";
    EXPECT_EQ(left.addresses, addresses_before);
  }
};

TEST_P(Crash, leaves_nothing_behind_and_tells_each_fact_once) {
  auto const& point = GetParam().point;
  auto const type = type_of(point);
  auto const addresses = look().addresses;
  auto const scene = prepare(type);
  crash_and_come_back(scene.act);

  auto const found = look();
  ASSERT_FALSE(found.jobs.empty());
  auto const& job = found.jobs.front();
  EXPECT_EQ(job.type, type);
  EXPECT_EQ(job.state, undoes(point) ? JobState::undone : JobState::succeeded) << job.error_message;
  expect_told_once(found, job);
  if (undoes(point) || type == "server.delete") {
    EXPECT_TRUE(found.guests.empty()) << "something is left at the engine";
  } else {
    ASSERT_EQ(found.guests.size(), 1u);
    EXPECT_EQ(found.guests.front().guest, jobs::guest_id(*job.server).str());
    EXPECT_EQ(found.guests.front().state, scene.after);
  }
  if (type == "server.delete") {
    EXPECT_TRUE(found.servers.empty());
    EXPECT_EQ(found.addresses, addresses);
  } else {
    ASSERT_EQ(found.servers.size(), 1u);
    EXPECT_EQ(found.addresses, addresses + 1);
    calm({"--act", "delete", "--subject", "victim"});
  }
  expect_nothing_left(addresses);
}

class ImageCrash : public Crash {};

TEST_P(ImageCrash, leaves_a_whole_image_or_none) {
  auto const& point = GetParam().point;
  if (!world().own_images()) GTEST_SKIP() << "needs images of its own";
  std::string name = "extra-" + point;
  std::ranges::replace_if(name, [](char c) { return c == ':' || c == '.'; }, '-');
  auto const before = world().engine().images()->size();
  world().add_image(name, "vm", "qcow2");
  crash_and_come_back({"--act", "images", "--subject", world().images()});

  auto const store = world().store();
  auto const image = store->read([&](store::Snapshot& s) { return s.images.find(name); });
  ASSERT_TRUE(image);
  EXPECT_EQ(image->state, undoes(point) ? store::ImageState::failed : store::ImageState::ready);
  EXPECT_EQ(world().engine().images()->size(), undoes(point) ? before : before + 1);
  std::filesystem::remove_all(std::filesystem::path(world().images()) / name);
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, Crash, ::testing::ValuesIn(server_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(EveryPoint, ImageCrash, ::testing::ValuesIn(import_cases()), name_of);

}  // namespace
}  // namespace berth
