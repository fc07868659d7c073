// Real containers: crun, conmon, mounts, loop devices and control groups, in a mount and network namespace of the
// test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "tests/system/container/world.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;
using contract::ConsoleKind;
using contract::GuestState;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t mib = 1 << 20;

class ContainerTest : public testing::Test {
 protected:
  void TearDown() override {
    for (int number = 1; number <= 4; ++number) {
      auto const guest = World::guest(number);
      (void)world.driver().stop(World::stop_wish(guest, 0, true));
      (void)world.driver().undefine(guest);
      (void)world.disks().delete_disk(guest);
    }
  }
  void start(contract::GuestId const& guest) {
    auto const status = world.driver().start(guest);
    ASSERT_TRUE(status.has_value()) << describe(status.error());
    ASSERT_EQ(status->state, GuestState::running) << status->reason;
  }
  // What the probe said on its terminal.
  std::string probe(int number, json::object config = {}, std::uint64_t memory = 64 * mib) {
    auto const name = "probe" + std::to_string(number);
    world.import(name, probe_image({"try"}, std::move(config)));
    auto const guest = world.add(number, name, memory);
    start(guest);
    auto const console = world.driver().open_console(guest, ConsoleKind::serial);
    EXPECT_TRUE(console.has_value());
    return world.wait_for_text(*console, "probe-done");
  }

  support::TemporaryFolder folder;
  World world{folder.path()};
};

TEST_F(ContainerTest, StartsAnswersOnItsConsoleAndStops) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::stopped);
  start(guest);
  EXPECT_EQ(world.network.namespaces.size(), 1U);
  auto const console = world.driver().open_console(guest, ConsoleKind::serial);
  ASSERT_TRUE(console.has_value()) << describe(console.error());
  EXPECT_THAT(world.wait_for_text(*console, "hostname=host1"), HasSubstr("berth-tiny: up"));
  EXPECT_THAT(world.ask(guest, "echo $((6*7))"), HasSubstr("42\n"));
  EXPECT_THAT(world.ask(guest, "cat /etc/hosts /etc/hostname /etc/resolv.conf"),
              testing::AllOf(HasSubstr("10.77.0.11\thost1"), HasSubstr("nameserver 10.77.0.1")));
  EXPECT_THAT(world.ask(guest, "id -u; tty"), HasSubstr("0\n/dev/"));
  EXPECT_THAT(world.driver().open_console(guest, ConsoleKind::vnc).error().code, ErrorCode::unsupported);
  auto const again = world.driver().start(guest);
  ASSERT_TRUE(again.has_value()) << "starting a running guest is success";
  EXPECT_EQ(world.network.namespaces.size(), 1U);

  auto const running = world.driver().status(guest);
  EXPECT_GT(running->cpu_ns, 0U);
  EXPECT_GT(running->memory_bytes, 0U);
  auto const stopped = world.driver().stop(World::stop_wish(guest, 20, false));
  ASSERT_TRUE(stopped.has_value()) << describe(stopped.error());
  EXPECT_EQ(stopped->state, GuestState::stopped);
  EXPECT_EQ(stopped->exit_code, 0);
  EXPECT_TRUE(world.driver().stop(World::stop_wish(guest, 20, false)).has_value())
      << "stopping a stopped guest is success";
  EXPECT_EQ(world.driver().open_console(guest, ConsoleKind::serial).error().code, ErrorCode::conflict);
}

TEST_F(ContainerTest, WhatItWroteIsThereAfterARestart) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  EXPECT_THAT(world.ask(guest, "echo kept > /root/file; rm /etc/profile; echo gone > /run/file"), HasSubstr("=0."));
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 20, true)).has_value());
  start(guest);
  EXPECT_THAT(world.ask(guest, "cat /root/file; ls /run/file /etc/profile"),
              testing::AllOf(HasSubstr("kept"), HasSubstr("/run/file: No such"), HasSubstr("/etc/profile: No such")));
  EXPECT_TRUE(fs::exists(*world.disks().image_tree(*contract::ImageName::parse("tiny")) / "etc/profile"))
      << "the image is read-only";
}

TEST_F(ContainerTest, ItsDiskEndsWhereItsPlanSays) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny", 64 * mib, 32 * mib);
  start(guest);
  EXPECT_THAT(world.ask(guest, "dd if=/dev/zero of=/root/big bs=1M count=200"), HasSubstr("No space left on device"));
  EXPECT_THAT(
      world.ask(guest,
                "[ $(stat -c %s /root/big) -lt 33554432 ] && [ $(stat -c %s /root/big) -gt 10000000 ] && echo bounded"),
      HasSubstr("bounded\n"));
  EXPECT_LE(*world.disks().disk_allocated_bytes(guest), 33 * mib);
}

TEST_F(ContainerTest, ItsProcessesAreCounted) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny", 256 * mib);
  start(guest);
  // Afterwards not even `cat` would start: only what the shell does itself.
  EXPECT_THAT(world.ask(guest,
                        "sh -c 'i=0; while [ $i -lt 600 ]; do sleep 1000 & i=$((i+1)); done' 2>/root/why; read why "
                        "</root/why; echo $why"),
              HasSubstr("can't fork"));
  EXPECT_TRUE(world.driver().stop(World::stop_wish(guest, 0, true)).has_value());
}

TEST_F(ContainerTest, MemoryEndsTheGreedyAndIsSaidSo) {
  world.import("eat", probe_image({"eat"}));
  auto const guest = world.add(1, "eat", 32 * mib);
  ASSERT_TRUE(world.driver().start(guest).has_value());
  auto const status = world.wait_for(guest, GuestState::crashed);
  EXPECT_EQ(status.reason, "killed: out of memory");
  EXPECT_EQ(status.exit_code, 137);
  EXPECT_FALSE(fs::exists("oom")) << "its monitor writes into the guest's own folder";
}

TEST_F(ContainerTest, NothingLeadsOut) {
  auto const said = "\n" + probe(1);
  for (auto const* act :
       {"mount",       "remount",     "umount",     "fsopen",        "open_tree",  "pivot_root",  "unshare_user",
        "unshare_net", "clone_user",  "setns",      "bpf",           "keyctl",     "add_key",     "io_uring",
        "perf",        "userfaultfd", "handle",     "module",        "reboot",     "swapon",      "settime",
        "mknod_block", "mknod_null",  "raw_socket", "packet_socket", "alg_socket", "vsock_socket"})
    EXPECT_THAT(said, HasSubstr("\n" + std::string(act) + "=EPERM")) << act;
  EXPECT_THAT(said, HasSubstr("\nclone3=ENOSYS"));
  for (auto const* act : {"proc_sys", "proc_core", "sysrq", "sys", "cgroup_1", "cgroup_2", "pids_max_1", "pids_max_2",
                          "loop", "kcore", "setuid_within"})
    EXPECT_THAT(said, Not(HasSubstr("\n" + std::string(act) + "=ok"))) << act;
  EXPECT_THAT(said, HasSubstr("\ninet_socket=ok"));
  EXPECT_THAT(said, HasSubstr("\nwrite_root=ok"));
  EXPECT_THAT(said, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(said, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(said, Not(HasSubstr("inherited=")));
  EXPECT_THAT(said, HasSubstr("CapBnd:\t00000000a00405fb"));
  EXPECT_THAT(said, HasSubstr("65536"));
}

TEST_F(ContainerTest, TwoGuestsShareNoId) {
  world.import("probe", probe_image({"wait"}));
  std::vector<uid_t> owners;
  for (int const number : {1, 2}) {
    auto const guest = world.add(number, "probe");
    start(guest);
    struct stat facts{};
    ASSERT_EQ(::stat(("/proc/" + std::to_string(world.first_process(guest))).c_str(), &facts), 0);
    owners.push_back(facts.st_uid);
  }
  EXPECT_GE(owners[0], 0x70010000U);
  EXPECT_EQ(owners[1] - owners[0], 65536U);
  EXPECT_EQ(world.network.namespaces.size(), 2U);
  // A range is not given out again while its guest is defined; the freed one is.
  ASSERT_TRUE(world.driver().stop(World::stop_wish(World::guest(1), 0, true)).has_value());
  ASSERT_TRUE(world.driver().undefine(World::guest(1)).has_value());
  auto const third = world.add(3, "probe");
  start(third);
  struct stat facts{};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(world.first_process(third))).c_str(), &facts), 0);
  EXPECT_NE(facts.st_uid, owners[1]);
}

TEST_F(ContainerTest, HostileConfigsAreRefusedWhenDefined) {
  int number = 0;
  auto refused = [&](json::object config) {
    auto const name = "hostile" + std::to_string(++number);
    auto image = probe_image({"wait"}, config);
    if (config.contains("Entrypoint")) image.config["Entrypoint"] = config["Entrypoint"];
    world.import(name, image);
    auto const defined = world.define(1, name);
    (void)world.disks().delete_disk(World::guest(1));
    return !defined.has_value() && defined.error().code == ErrorCode::invalid_argument;
  };
  EXPECT_TRUE(refused({{"User", "4294967296"}}));
  EXPECT_TRUE(refused({{"User", "65536"}}));
  EXPECT_TRUE(refused({{"User", "0:4294967296"}}));
  EXPECT_TRUE(refused({{"User", "18446744073709551616"}}));
  EXPECT_TRUE(refused({{"User", "nobody-here"}}));
  EXPECT_TRUE(refused({{"User", "-1"}}));
  EXPECT_TRUE(refused({{"WorkingDir", "/proc/self/fd/7"}}));
  EXPECT_TRUE(refused({{"WorkingDir", "//proc/self/fd/7"}}));
  EXPECT_TRUE(refused({{"WorkingDir", "/x/../proc/self/fd/7"}}));
  EXPECT_TRUE(refused({{"WorkingDir", "relative"}}));
  EXPECT_TRUE(refused({{"StopSignal", "SIGNOTHING"}}));
  EXPECT_TRUE(refused({{"Env", json::array{"no-equals-sign"}}}));
  EXPECT_TRUE(refused({{"Entrypoint", json::array{}}}));
}

TEST_F(ContainerTest, HostileLinksStayInside) {
  std::ofstream(folder.path() / "victim") << "untouched";
  fs::create_directory(folder.path() / "victims");
  auto image = probe_image({"try"}, {{"WorkingDir", "/work"}});
  support::TarWriter links;
  links.symlink("work", "/proc/self/fd/9")
      .symlink("etc/resolv.conf", (folder.path() / "victim").string())
      .symlink("etc/hosts", "../../../../../../../../.." + (folder.path() / "victim").string());
  links.symlink("etc/passwd", "/proc/self/environ")
      .symlink("sys", (folder.path() / "victims").string())
      .symlink("run", "/proc/1/root" + (folder.path() / "victims").string());
  image.layers.push_back({links.bytes()});
  world.import("links", image);
  auto const guest = world.add(1, "links");
  // Refusing to start is as good as starting with everything inside.
  if (auto const started = world.driver().start(guest); started) {
    auto const console = world.driver().open_console(guest, ConsoleKind::serial);
    ASSERT_TRUE(console.has_value());
    auto const said = world.wait_for_text(*console, "probe-done");
    EXPECT_THAT(said, testing::AnyOf(HasSubstr("cwd=/\r"), HasSubstr("cwd=/proc"), HasSubstr("cwd=/work"))) << said;
    EXPECT_THAT(said, Not(HasSubstr("inherited=")));
  }
  std::ifstream in(folder.path() / "victim");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "untouched");
  EXPECT_TRUE(fs::is_empty(folder.path() / "victims"));
}

TEST_F(ContainerTest, AStopWithoutForceGivesUp) {
  world.import("deaf", probe_image({"ignore"}));
  auto const guest = world.add(1, "deaf");
  start(guest);
  auto const patient = world.driver().stop(World::stop_wish(guest, 1, false));
  ASSERT_FALSE(patient.has_value());
  EXPECT_EQ(patient.error().code, ErrorCode::timed_out);
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::running);
  auto const forced = world.driver().stop(World::stop_wish(guest, 1, true));
  ASSERT_TRUE(forced.has_value()) << describe(forced.error());
  EXPECT_EQ(forced->state, GuestState::stopped);
  EXPECT_EQ(forced->exit_code, 137);
}

TEST_F(ContainerTest, AStopRightAfterTheStartIsHeard) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(world.driver().start(guest).has_value());
    auto const stopped = world.driver().stop(World::stop_wish(guest, 30, false));
    ASSERT_TRUE(stopped.has_value()) << describe(stopped.error());
    EXPECT_EQ(stopped->exit_code, 0);
  }
}

TEST_F(ContainerTest, PausesAndGoesOn) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  EXPECT_EQ(world.driver().pause(guest)->state, GuestState::paused);
  EXPECT_EQ(world.driver().pause(guest)->state, GuestState::paused) << "again";
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::paused);
  EXPECT_EQ(world.driver().start(guest).error().code, ErrorCode::conflict);
  EXPECT_EQ(world.driver().resume(guest)->state, GuestState::running);
  EXPECT_THAT(world.ask(guest, "echo $((6*7))"), HasSubstr("42\n"));
  ASSERT_TRUE(world.driver().pause(guest).has_value());
  auto const stopped = world.driver().stop(World::stop_wish(guest, 20, false));
  ASSERT_TRUE(stopped.has_value()) << "a paused guest stops in an orderly way";
  EXPECT_EQ(stopped->exit_code, 0);
  EXPECT_EQ(world.driver().pause(guest).error().code, ErrorCode::conflict);
}

TEST_F(ContainerTest, ACrashIsToldAndCleanedUp) {
  world.import("brief", probe_image({"exit", "3"}));
  auto const guest = world.add(1, "brief");
  auto const defined = world.traces();
  ASSERT_TRUE(world.driver().start(guest).has_value());
  auto const status = world.wait_for(guest, GuestState::crashed);
  EXPECT_EQ(status.reason, "exited with 3");
  EXPECT_EQ(status.exit_code, 3);
  EXPECT_EQ(world.driver().list()->front().state, GuestState::crashed);
  EXPECT_EQ(world.driver().start(guest)->kind, contract::GuestKind::container) << "it may be started again";
  world.wait_for(guest, GuestState::crashed);
  fs::remove_all(world.runtime());
  fs::create_directory(world.runtime());
  EXPECT_EQ(world.traces(), defined) << "nothing but the memory of how it ended stayed";
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::stopped)
      << "the machine was restarted: nothing is known of the run";
}

TEST_F(ContainerTest, ItsTerminalTakesTheSizeOfTheWindow) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  EXPECT_THAT(world.ask(guest, "stty size"), HasSubstr("24 80"));
  contract::ConsoleSize size;
  size.columns.value = 132;
  size.rows.value = 50;
  ASSERT_TRUE(world.driver().resize_console(guest, size).has_value());
  std::string seen;
  for (int i = 0; i < 500 && !seen.contains("50 132"); ++i) seen = world.ask(guest, "stty size");
  EXPECT_THAT(seen, HasSubstr("50 132"));
}

TEST_F(ContainerTest, AContainerOutlivesTheEngine) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  EXPECT_THAT(world.ask(guest, "mark=here"), HasSubstr("=0."));
  world.restart_engine();
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::running);
  EXPECT_THAT(world.ask(guest, "echo $mark"), HasSubstr("here\n")) << "the same shell on the same terminal";
  EXPECT_EQ(world.driver().undefine(guest).error().code, ErrorCode::conflict);
  EXPECT_EQ(world.driver().stop(World::stop_wish(guest, 20, false))->exit_code, 0);
}

TEST_F(ContainerTest, AnEndIsToldAtOnceAlsoToALaterEngine) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  for (bool const restarted : {false, true}) {
    start(guest);
    if (restarted) world.restart_engine();
    std::promise<contract::GuestId> told;
    auto heard = told.get_future();
    std::once_flag once;
    world.driver().on_change([&](contract::GuestId const& id) { std::call_once(once, [&] { told.set_value(id); }); });
    ::kill(world.first_process(guest), SIGKILL);
    ASSERT_EQ(heard.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    EXPECT_EQ(heard.get(), guest);
    EXPECT_EQ(world.driver().status(guest)->state, GuestState::crashed) << "and it is so by then";
    EXPECT_EQ(world.driver().status(guest)->reason, "killed by SIGKILL");
    world.driver().on_change({});
  }
}

TEST_F(ContainerTest, WhatItsConsoleShowedIsThereAfterARestartOfTheEngine) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  world.ask(guest, "i=0; while [ $i -lt 300 ]; do echo line-$i-; i=$((i+1)); done");
  world.restart_engine();
  auto const console = world.driver().open_console(guest, ConsoleKind::serial);
  ASSERT_TRUE(console.has_value());
  auto const seen = world.wait_for_text(*console, "end-1=0.");
  EXPECT_THAT(seen, testing::AllOf(HasSubstr("line-299-\r\n"), HasSubstr("line-200-\r\n"), Not(HasSubstr("line-100-"))))
      << "150 lines";
  auto const folder = world.state() / "guests" / guest.str() / "console";
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(folder / "log").permissions(), fs::perms(0600));
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 20, true)).has_value());
  EXPECT_FALSE(fs::exists(folder)) << "it goes with the run";
}

// Threat 25: a guest that floods its console.
TEST_F(ContainerTest, AFloodFillsNoDiskAndItsEndIsKept) {
  world.import_tiny();
  auto const guest = world.add(1, "tiny");
  start(guest);
  auto const folder = world.state() / "guests" / guest.str() / "console";
  auto const used = [&] {
    std::uintmax_t bytes = 0;
    std::error_code gone;  // conmon renames meanwhile
    std::set<ino_t> counted;
    for (auto const& entry : fs::directory_iterator(folder, gone)) {
      struct stat facts{};
      if (::stat(entry.path().c_str(), &facts) == 0 && counted.insert(facts.st_ino).second)
        bytes += static_cast<std::uintmax_t>(facts.st_size);
    }
    return bytes;
  };
  std::atomic<bool> over = false;
  std::uintmax_t most = 0;
  std::jthread const looking([&] {
    while (!over) most = std::max(most, used());
  });
  // About 3 MiB of text.
  auto const said = world.ask(guest, "i=0; while [ $i -lt 30000 ]; do echo " + std::string(80, 'x') +
                                         "-$i-; i=$((i+1)); done; echo flood-''over");
  over = true;
  EXPECT_THAT(said, HasSubstr("flood-over"));
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, 4U * 256 * 1024);
  world.restart_engine();
  auto const console = world.driver().open_console(guest, ConsoleKind::serial);
  ASSERT_TRUE(console.has_value());
  EXPECT_THAT(world.wait_for_text(*console, "flood-over"), testing::AllOf(HasSubstr("x-29999-"), HasSubstr("x-29900-")))
      << "also when the file was begun anew a moment before";
}

TEST_F(ContainerTest, ARunningGuestKeepsItsDefinitionAndDisk) {
  world.import("probe", probe_image({"wait"}));
  auto const guest = world.add(1, "probe");
  start(guest);
  EXPECT_TRUE(world.define(1, "probe").has_value()) << "the same again";
  EXPECT_EQ(world.define(1, "probe", 128 * mib).error().code, ErrorCode::conflict);
  EXPECT_EQ(world.disks().delete_disk(guest).error().code, ErrorCode::conflict);
  EXPECT_EQ(world.driver().undefine(guest).error().code, ErrorCode::conflict);
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 0, true)).has_value());
  EXPECT_TRUE(world.define(1, "probe", 128 * mib).has_value());
}

TEST_F(ContainerTest, ALifeLeavesNothing) {
  world.import_tiny();
  auto const before = world.traces();
  auto const guest = world.add(1, "tiny");
  start(guest);
  world.ask(guest, "echo x > /root/x");
  EXPECT_NE(world.traces(), before);
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 20, true)).has_value());
  ASSERT_TRUE(world.driver().undefine(guest).has_value());
  ASSERT_TRUE(world.disks().delete_disk(guest).has_value());
  EXPECT_EQ(world.traces(), before);
  EXPECT_TRUE(world.driver().undefine(guest).has_value()) << "again";
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::absent);
  EXPECT_EQ(world.driver().start(guest).error().code, ErrorCode::not_found);
}

TEST_F(ContainerTest, AStartThatFailsLeavesNothing) {
  world.import("probe", probe_image({"wait"}));
  auto const guest = world.add(1, "probe");
  auto const before = world.traces();
  world.network.on_plug = [] { return fail(ErrorCode::conflict, "network-missing", "not connected"); };
  auto const failed = world.driver().start(guest);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::conflict);
  EXPECT_EQ(world.driver().status(guest)->state, GuestState::stopped);
  ASSERT_TRUE(world.driver().undefine(guest).has_value());
  ASSERT_TRUE(world.define(1, "probe").has_value());
  EXPECT_EQ(world.traces(), before);
  auto missing = probe_image({"wait"});
  missing.config["Entrypoint"] = json::array{"/no-such-program"};
  world.import("missing", missing);
  auto const second = world.add(2, "missing");
  auto const refused = world.driver().start(second);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("no-such-program"));
  world.network.on_plug = [] { return Result<void>(); };
  start(guest);
}

class ContainerCrashTest : public ContainerTest, public testing::WithParamInterface<std::string> {};

TEST_P(ContainerCrashTest, AStartThatWasKilledIsDoneAgain) {
  world.import_tiny();
  auto const clean = world.traces();
  auto const guest = world.add(1, "tiny");
  start_and_die(folder.path(), guest, GetParam());
  world.restart_engine();
  EXPECT_TRUE(world.driver().status(guest).has_value());
  start(guest);
  EXPECT_THAT(world.ask(guest, "echo $((6*7))"), HasSubstr("42\n"));
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 20, true)).has_value());
  ASSERT_TRUE(world.driver().undefine(guest).has_value());
  ASSERT_TRUE(world.disks().delete_disk(guest).has_value());
  EXPECT_EQ(world.traces(), clean);
}

TEST_P(ContainerCrashTest, AStartThatWasKilledCanBeUndone) {
  world.import_tiny();
  auto const clean = world.traces();
  auto const guest = world.add(1, "tiny");
  start_and_die(folder.path(), guest, GetParam());
  world.restart_engine();
  ASSERT_TRUE(world.driver().stop(World::stop_wish(guest, 0, true)).has_value());
  ASSERT_TRUE(world.driver().undefine(guest).has_value());
  ASSERT_TRUE(world.disks().delete_disk(guest).has_value());
  EXPECT_EQ(world.traces(), clean);
}

INSTANTIATE_TEST_SUITE_P(Points, ContainerCrashTest, testing::Values("config", "mounted", "plug", "started"),
                         [](auto const& info) { return info.param; });

}  // namespace
}  // namespace berth::container

int main(int argc, char** argv) {
  berth::container::be_the_other_process(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    std::perror("a namespace of its own");
    return 1;
  }
  return RUN_ALL_TESTS();
}
