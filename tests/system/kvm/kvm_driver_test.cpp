// The driver against real libvirt and QEMU (TCG), with the tiny image as guest.
#include "drivers/kvm/kvm_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "drivers/console/console_hub.hpp"
#include "drivers/kvm/domain_xml.hpp"
#include "drivers/kvm/guest_files.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/process.hpp"
#include "tests/system/kvm/virtual_host.hpp"

namespace berth::kvm::test {
namespace {

using contract::GuestId;
using contract::GuestSpec;
using contract::GuestState;
using testing::HasSubstr;
using Steady = std::chrono::steady_clock;

constexpr std::string_view prompt = "# ";
// openssl passwd -6 -salt berthtest tiny
constexpr std::string_view password_hash =
    "$6$berthtest$C9xWmiAfMrL7XM8tkmB3s7ZvP1RroBjbAUDK95dN9lV0VQfbi9As2t8cbdMdOUUm64Qv/.MQ563Qq37DmE/.d1";

GuestId fresh_guest() {
  return *GuestId::parse(dashed_uuid(new_uuid_v7()));
}

class KvmDriverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { host = std::make_unique<VirtualHost>(); }
  static void TearDownTestSuite() { host.reset(); }

  KvmDriverTest() : disks(host->directories()) { restart_engine(); }
  ~KvmDriverTest() override {
    for (auto const& guest : made) {
      (void)driver->stop({guest, {0}, true});
      (void)driver->undefine(guest);
      (void)disks.delete_disk(guest);
    }
  }

  // A new engine process would begin like this: nothing known but what libvirt says.
  void restart_engine() {
    driver.reset();
    hub = std::make_unique<console::ConsoleHub>();
    driver = std::make_unique<KvmDriver>(host->directories(), disks, *hub, contract::Accelerator::tcg);
  }

  GuestSpec make_spec() {
    GuestSpec spec;
    spec.guest = fresh_guest();
    spec.image = *contract::ImageName::parse("tiny-vm");
    spec.hostname = *contract::Hostname::parse("tiny-one");
    spec.vcpus.value = 1;
    spec.memory_bytes.value = 192LL << 20;
    spec.disk_bytes.value = 128LL << 20;
    spec.nic.mac = *contract::MacAddress::parse("52:54:00:12:34:56");
    spec.nic.address = *contract::Ipv4::parse("192.0.2.5");
    spec.nic.prefix.value = 24;
    spec.nic.gateway = *contract::Ipv4::parse("192.0.2.1");
    spec.seed.password_crypt = *Text<3, 256>::parse(password_hash);
    return spec;
  }

  GuestSpec define_guest() {
    auto spec = make_spec();
    made.push_back(spec.guest);
    auto disk = disks.create_disk({spec.guest, contract::GuestKind::vm, spec.image, {spec.disk_bytes.value}});
    EXPECT_TRUE(disk) << describe(disk.error());
    auto defined = driver->define(spec);
    EXPECT_TRUE(defined) << describe(defined.error());
    return spec;
  }

  GuestSpec start_guest() {
    auto spec = define_guest();
    auto started = driver->start(spec.guest);
    EXPECT_TRUE(started) << describe(started.error());
    EXPECT_EQ(started ? started->state : GuestState::absent, GuestState::running);
    return spec;
  }

  Viewer console(GuestId const& guest) {
    auto socket = driver->open_console(guest, contract::ConsoleKind::serial);
    EXPECT_TRUE(socket) << describe(socket.error());
    return Viewer(socket ? std::move(*socket) : Descriptor());
  }

  GuestState state(GuestId const& guest) {
    auto status = driver->status(guest);
    EXPECT_TRUE(status) << describe(status.error());
    return status ? status->state : GuestState::absent;
  }

  static inline std::unique_ptr<VirtualHost> host;
  TestDisks disks;
  std::unique_ptr<console::ConsoleHub> hub;
  std::unique_ptr<KvmDriver> driver;
  std::vector<GuestId> made;
};

void log_in(Viewer& viewer) {
  viewer.types("\n");
  ASSERT_TRUE(viewer.sees("login:")) << viewer.seen();
  viewer.types("root\n");
  ASSERT_TRUE(viewer.sees("assword:")) << viewer.seen();
  viewer.types("tiny\n");
  ASSERT_TRUE(viewer.sees(prompt)) << viewer.seen();
}

TEST_F(KvmDriverTest, AGuestBootsWithItsSeedAndAnswersOnItsConsole) {
  auto const spec = start_guest();
  auto viewer = console(spec.guest);
  ASSERT_TRUE(viewer.sees("berth-tiny: up hostname=tiny-one address=192.0.2.5")) << viewer.seen();
  log_in(viewer);
  viewer.types("echo six times seven is $((6 * 7))\n");
  EXPECT_TRUE(viewer.sees("six times seven is 42")) << viewer.seen();

  auto const status = driver->status(spec.guest);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->kind, contract::GuestKind::vm);
  EXPECT_GT(status->cpu_ns, 0U);
  EXPECT_GT(status->memory_bytes, 32U << 20);
  auto const port = run_checked({"ip", "-d", "link", "show", contract::interface_name(spec.guest)});
  ASSERT_TRUE(port) << describe(port.error());
  EXPECT_THAT(*port, HasSubstr("master berth0"));
  // Who may talk to whom is the bridge table's to say, also while the guest runs.
  EXPECT_THAT(*port, HasSubstr("isolated off"));
}

TEST_F(KvmDriverTest, PauseResumeAndTheButton) {
  auto const spec = start_guest();
  auto viewer = console(spec.guest);
  ASSERT_TRUE(viewer.sees("berth-tiny: up")) << viewer.seen();
  for (int twice = 0; twice < 2; ++twice) {
    auto const paused = driver->pause(spec.guest);
    ASSERT_TRUE(paused) << describe(paused.error());
    EXPECT_EQ(paused->state, GuestState::paused);
  }
  auto const resumed = driver->resume(spec.guest);
  ASSERT_TRUE(resumed) << describe(resumed.error());
  EXPECT_EQ(resumed->state, GuestState::running);

  ASSERT_TRUE(driver->pause(spec.guest));  // the button is heard by a paused guest too
  auto const stopped = driver->stop({spec.guest, {60}, false});
  ASSERT_TRUE(stopped) << describe(stopped.error());
  EXPECT_EQ(stopped->state, GuestState::stopped);
  EXPECT_EQ(stopped->reason, "shut down");
  EXPECT_TRUE(driver->stop({spec.guest, {60}, false}));
  auto const refused = driver->open_console(spec.guest, contract::ConsoleKind::serial);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(KvmDriverTest, ForceCutsThePowerAndWithoutForceAStubbornGuestRunsOn) {
  auto const spec = start_guest();  // its firmware does not listen to the button
  auto const stubborn = driver->stop({spec.guest, {0}, false});
  ASSERT_FALSE(stubborn);
  EXPECT_EQ(stubborn.error().code, ErrorCode::timed_out);
  EXPECT_EQ(state(spec.guest), GuestState::running);
  auto const stopped = driver->stop({spec.guest, {0}, true});
  ASSERT_TRUE(stopped) << describe(stopped.error());
  EXPECT_EQ(stopped->state, GuestState::stopped);
  EXPECT_EQ(stopped->reason, "switched off");
}

TEST_F(KvmDriverTest, ADefinitionChangesOnlyWhileTheGuestIsStopped) {
  auto spec = start_guest();
  EXPECT_TRUE(driver->define(spec));
  auto bigger = spec;
  bigger.memory_bytes.value = 256LL << 20;
  auto const refused = driver->define(bigger);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  auto const kept = driver->undefine(spec.guest);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::conflict);

  ASSERT_TRUE(driver->stop({spec.guest, {0}, true}));
  auto const defined = driver->define(bigger);
  ASSERT_TRUE(defined) << describe(defined.error());
  ASSERT_TRUE(driver->start(spec.guest));
  auto viewer = console(spec.guest);
  ASSERT_TRUE(viewer.sees("berth-tiny: up")) << viewer.seen();
  log_in(viewer);
  viewer.types("echo memory $(( $(awk '/^MemTotal/ {print $2}' /proc/meminfo) / 10240 ))0\n");
  EXPECT_TRUE(viewer.sees("memory 2")) << viewer.seen();  // 192 MiB would show 1..
}

TEST_F(KvmDriverTest, TheScreenSpeaksRfb) {
  auto const spec = start_guest();
  auto socket = driver->open_console(spec.guest, contract::ConsoleKind::vnc);
  ASSERT_TRUE(socket) << describe(socket.error());
  Viewer screen(std::move(*socket));
  EXPECT_TRUE(screen.sees("RFB 003.", 20));
  auto second = driver->open_console(spec.guest, contract::ConsoleKind::vnc);
  ASSERT_TRUE(second) << describe(second.error());
  EXPECT_TRUE(Viewer(std::move(*second)).sees("RFB 003.", 20));
}

TEST_F(KvmDriverTest, GuestsAndConsolesSurviveLibvirtAndTheEngine) {
  auto const spec = start_guest();
  ASSERT_TRUE(console(spec.guest).sees("berth-tiny: up"));

  host->libvirtd().end(SIGKILL);
  auto const gone = driver->status(spec.guest);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::unavailable);
  host->start_libvirtd();
  EXPECT_EQ(state(spec.guest), GuestState::running);

  restart_engine();
  auto const all = driver->list();
  ASSERT_TRUE(all) << describe(all.error());
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().guest, spec.guest.str());
  EXPECT_EQ(all->front().state, GuestState::running);
  EXPECT_TRUE(hub->attached(spec.guest));
  auto viewer = console(spec.guest);
  log_in(viewer);
  viewer.types("echo still $((1 + 1)) of us\n");
  EXPECT_TRUE(viewer.sees("still 2 of us")) << viewer.seen();
}

// Threat 10: nothing waits for ever, and nothing has to be started anew afterwards.
TEST_F(KvmDriverTest, AHungLibvirtdEndsInAnErrorAndIsTakenUpAgain) {
  auto const spec = start_guest();
  ASSERT_TRUE(driver->status(spec.guest));
  host->libvirtd().signal(SIGSTOP);
  std::vector<std::jthread> callers;
  std::atomic<int> in_time = 0;
  auto const expect_error = [&](auto call) {
    callers.emplace_back([&, call] {
      auto const began = Steady::now();
      auto const result = call();
      auto const took = Steady::now() - began;
      if (!result && (result.error().code == ErrorCode::timed_out || result.error().code == ErrorCode::unavailable) &&
          took < std::chrono::seconds(20))
        ++in_time;
      std::cout << (result ? "succeeded?" : describe(result.error())) << " after "
                << std::chrono::duration<double>(took).count() << " s\n";
    });
  };
  expect_error([&] { return driver->status(spec.guest); });
  expect_error([&] { return driver->list(); });
  expect_error([&] { return driver->pause(spec.guest); });
  expect_error([&] { return driver->define(spec); });
  expect_error([&] { return driver->stop({spec.guest, {0}, true}); });
  expect_error([&] { return driver->open_console(spec.guest, contract::ConsoleKind::vnc); });
  callers.clear();  // joins
  EXPECT_EQ(in_time, 6);
  host->libvirtd().signal(SIGCONT);
  EXPECT_TRUE(comes_true([&] { return driver->status(spec.guest).has_value(); }, std::chrono::seconds(30)));
  auto const status = driver->status(spec.guest);
  ASSERT_TRUE(status) << describe(status.error());
  EXPECT_EQ(status->state, GuestState::running);
}

// A QEMU that hangs holds up its own guest's calls, not the others'.
TEST_F(KvmDriverTest, AHungGuestDoesNotHideTheOthers) {
  auto const hung = start_guest();
  pid_t qemu = 0;
  std::ifstream("/run/libvirt/qemu/" + domain_name(hung.guest) + ".pid") >> qemu;
  ASSERT_GT(qemu, 0);
  kill(qemu, SIGSTOP);
  std::jthread caller([&] { (void)driver->pause(hung.guest); });
  auto const all = driver->list();
  EXPECT_TRUE(all) << describe(all.error());
  EXPECT_EQ(state(hung.guest), GuestState::running);
  kill(qemu, SIGCONT);
}

TEST_F(KvmDriverTest, AGuestThatDiesIsSeenAsCrashed) {
  auto const spec = start_guest();
  pid_t qemu = 0;
  std::ifstream("/run/libvirt/qemu/" + domain_name(spec.guest) + ".pid") >> qemu;
  ASSERT_GT(qemu, 0);
  kill(qemu, SIGKILL);
  EXPECT_TRUE(comes_true([&] { return state(spec.guest) != GuestState::running; }, std::chrono::seconds(30)));
  auto const status = driver->status(spec.guest);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, GuestState::crashed);
  EXPECT_EQ(status->reason, "QEMU ended unexpectedly");
  EXPECT_TRUE(driver->start(spec.guest));
}

// Threat 3: a full pool pauses guests and says so; with room again they go on.
TEST_F(KvmDriverTest, AFullPoolPausesTheGuestAndRoomLetsItGoOn) {
  auto const pool = host->directories().state / "guests";
  std::filesystem::create_directories(pool);
  ASSERT_EQ(mount("berth-pool", pool.c_str(), "tmpfs", 0, "size=40m,mode=711"), 0);
  {
    auto const spec = start_guest();
    auto viewer = console(spec.guest);
    ASSERT_TRUE(viewer.sees("berth-tiny: up")) << viewer.seen();
    log_in(viewer);
    viewer.types("dd if=/dev/urandom of=/filler bs=1M count=60 conv=fsync; echo wrote it $((1 + 1)) times\n");
    ASSERT_TRUE(comes_true([&] { return state(spec.guest) == GuestState::paused; }, std::chrono::seconds(60)));
    auto const paused = driver->status(spec.guest);
    ASSERT_TRUE(paused);
    EXPECT_EQ(paused->reason, "stopped because the machine's storage is full");
    ASSERT_EQ(mount("berth-pool", pool.c_str(), "tmpfs", MS_REMOUNT, "size=300m"), 0);
    ASSERT_TRUE(driver->resume(spec.guest));
    EXPECT_TRUE(viewer.sees("wrote it 2 times")) << viewer.seen();
    EXPECT_TRUE(driver->stop({spec.guest, {0}, true}));
    EXPECT_TRUE(driver->undefine(spec.guest));
  }
  EXPECT_EQ(umount2(pool.c_str(), MNT_DETACH), 0);
}

TEST_F(KvmDriverTest, NothingIsLeftOfAGuest) {
  auto const spec = start_guest();
  ASSERT_TRUE(driver->stop({spec.guest, {0}, true}));
  ASSERT_TRUE(driver->undefine(spec.guest));
  ASSERT_TRUE(driver->undefine(spec.guest));
  EXPECT_EQ(state(spec.guest), GuestState::absent);
  ASSERT_TRUE(disks.delete_disk(spec.guest));
  for (auto const* place :
       {"/run/libvirt", "/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"})
    for (auto const& entry : std::filesystem::recursive_directory_iterator(place))
      EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(spec.guest.str())));
  EXPECT_FALSE(std::filesystem::exists(GuestFiles(host->directories(), spec.guest).folder));
  EXPECT_FALSE(run_checked({"ip", "link", "show", contract::interface_name(spec.guest)}));
}

TEST_F(KvmDriverTest, WhatIsMissingHasAName) {
  auto const nobody = fresh_guest();
  EXPECT_EQ(state(nobody), GuestState::absent);
  auto const started = driver->start(nobody);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::not_found);
  EXPECT_TRUE(driver->stop({nobody, {0}, true}));
  auto const defined = driver->define(make_spec());  // no disk
  ASSERT_FALSE(defined);
  EXPECT_EQ(defined.error().code, ErrorCode::not_found);

  auto spec = define_guest();
  ASSERT_TRUE(run_checked({"ip", "link", "del", contract::bridge_name}));
  auto const unplugged = driver->start(spec.guest);
  ASSERT_TRUE(run_checked({"ip", "link", "add", contract::bridge_name, "type", "bridge"}));
  ASSERT_TRUE(run_checked({"ip", "link", "set", contract::bridge_name, "up"}));
  ASSERT_FALSE(unplugged);
  EXPECT_EQ(unplugged.error().slug, "guest-without-network");
  auto const idle = driver->pause(spec.guest);
  ASSERT_FALSE(idle);
  EXPECT_EQ(idle.error().code, ErrorCode::conflict);
  spec.memory_bytes.value = 1LL << 45;
  ASSERT_TRUE(driver->define(spec));
  auto const huge = driver->start(spec.guest);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::exhausted) << describe(huge.error());
}

}  // namespace
}  // namespace berth::kvm::test

int main(int count, char** values) {
  testing::InitGoogleTest(&count, values);
  berth::kvm::test::enter_namespaces();
  return RUN_ALL_TESTS();
}
