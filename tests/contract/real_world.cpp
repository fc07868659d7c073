#include "tests/contract/real_world.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "firmware/base/process.hpp"

namespace berth::contract::testing {
namespace {

constexpr char libvirt_socket[] = "/run/libvirt/libvirt-sock";

std::string text_of(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A copy, so that images may be built again meanwhile.
TestImage starter_image(std::string const& name, GuestKind kind, std::int64_t disk_mib,
                        std::filesystem::path const& into) {
  auto const* elsewhere = std::getenv("BERTH_IMAGES");
  auto const folder = std::filesystem::path(elsewhere ? elsewhere : "/cache/images") / name;
  auto const facts = parse_json(text_of(folder / "image.json"));
  if (!facts)
    throw std::runtime_error("no starter image in " + folder.string() + "; see provisioning/images/README.md");
  auto const field = [&](char const* key) { return std::string(facts->at(key).as_string()); };
  auto const copy = into / (name + ".image");
  std::filesystem::copy_file(folder / field("file"), copy);
  return {{made<ImageName>(name), kind, kind == GuestKind::vm ? ImageFormat::qcow2 : ImageFormat::oci_archive,
           made<Digest>(field("sha256"))},
          copy.string(),
          disk_mib * 1024 * 1024};
}

void must(std::vector<std::string> const& command) {
  auto const done = run_checked(command);
  if (!done) throw std::runtime_error(describe(done.error()));
}

std::unique_ptr<RealWorld>& only_world() {
  static std::unique_ptr<RealWorld> world;
  return world;
}

class Ending final : public ::testing::Environment {
 public:
  void TearDown() override { only_world().reset(); }
};
[[maybe_unused]] auto const* const ending = ::testing::AddGlobalTestEnvironment(new Ending);

}  // namespace

RealWorld& world() {
  if (!only_world()) only_world() = std::make_unique<RealWorld>();
  return *only_world();
}

RealWorld::RealWorld() {
  images_[0] = starter_image("tiny-vm", GuestKind::vm, 128, folder_.path());
  images_[1] = starter_image("tiny", GuestKind::container, 64, folder_.path());
  // QEMU runs as another user and finds its disks by their path.
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0711));
  std::filesystem::create_directories(state());
  auto const disk = (folder_.path() / "state.xfs").string();
  must({"truncate", "--size=4G", disk});
  must({"mkfs.xfs", "-q", "-m", "reflink=1", disk});
  must({"mount", "-o", "loop", disk, state().string()});
  must({"ip", "link", "set", "lo", "up"});
  if (!answers(libvirt_socket)) {
    virtlogd_ = std::make_unique<Program>(std::vector<std::string>{"/usr/sbin/virtlogd"});
    libvirtd_ = std::make_unique<Program>(std::vector<std::string>{"/usr/sbin/libvirtd"});
    if (!await_socket(libvirt_socket, *libvirtd_)) throw std::runtime_error("libvirtd did not start");
  }
  start_engine();
}

RealWorld::~RealWorld() {
  EXPECT_EQ(Program({beside_this_test("berth-engine"), "stop-guests", "--timeout", "5", "--state", state(), "--runtime",
                     runtime()})
                .wait(),
            0);
  EXPECT_EQ(engine_->wait(), 0) << "the engine ends when it is taken over";
  EXPECT_FALSE(std::filesystem::exists("/sys/class/net/berth0")) << "the bridge goes with the guests";
  for (auto* daemon : {libvirtd_.get(), virtlogd_.get()}) {
    if (daemon == nullptr) continue;
    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0);
  }
  EXPECT_EQ(::umount2(state().c_str(), 0), 0) << "something below the state folder is still in use";
}

std::vector<std::string> RealWorld::engine_arguments() const {
  return {"berth-engine", "--socket", socket(), "--state", state(), "--runtime", runtime()};
}

void RealWorld::start_engine(std::vector<std::string> variables) {
  engine_ = std::make_unique<Program>(engine_arguments(), std::move(variables));
  if (!await_socket(socket(), *engine_)) throw std::runtime_error("berth-engine did not start");
}

int RealWorld::stop_engine() {
  engine_->signal(SIGTERM);
  return engine_->wait();
}

std::string traces_of(GuestId const& guest) {
  return run_checked({"sh", "-c",
                      "{ grep -h \"$1\" /proc/self/mountinfo; find \"$2\" \"$3\" /etc/libvirt/qemu /sys/fs/cgroup "
                      "/run/libvirt /run/netns -name \"*$1*\" 2>/dev/null; "
                      "losetup -l | grep \"$1\"; ip -o link | grep \"bt${1##*-}\"; nft list ruleset | grep "
                      "\"${1##*-}\"; virsh -q list --all | grep \"$1\"; } || true",
                      "sh", guest.str(), world().state().string(), world().runtime().string()})
      .value_or("the search failed");
}

std::vector<pid_t> processes_of(GuestId const& guest) {
  std::vector<pid_t> found;
  for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
    auto const pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 1) continue;
    auto const name = text_of(entry.path() / "comm");
    if (text_of(entry.path() / "cmdline").find(guest.str()) == std::string::npos) continue;
    if (name.starts_with("qemu")) found.push_back(pid);
    if (!name.starts_with("conmon")) continue;
    std::istringstream children(text_of(entry.path() / "task" / std::to_string(pid) / "children"));
    for (pid_t child = 0; children >> child;) found.push_back(child);
  }
  return found;
}

}  // namespace berth::contract::testing
