// What the engine adds to its parts: turns, rules that span parts, one view of a guest.
#include "drivers/engine/host_engine.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "drivers/engine/boot_id.hpp"
#include "drivers/engine/stop_all.hpp"
#include "firmware/base/units.hpp"
#include "tests/unit/drivers_engine/parts.hpp"

namespace berth::engine {
namespace {

using namespace std::chrono_literals;

GuestId id(unsigned n) {
  return GuestId::parse(std::format("0190f3c4-0000-7000-8000-{:012x}", n)).value();
}

class HostEngineTest : public ::testing::Test {
 protected:
  GuestSpec spec(unsigned n, GuestKind kind) {
    GuestSpec s;
    s.guest = id(n);
    s.kind = kind;
    s.image = ImageName::parse("image").value();
    s.hostname = Hostname::parse("host").value();
    s.nic.mac = MacAddress::parse("52:54:00:00:00:01").value();
    s.nic.address = Ipv4::parse("10.0.0.2").value();
    s.nic.gateway = Ipv4::parse("10.0.0.1").value();
    s.nic.prefix = {24};
    s.memory_bytes = {1 << 30};
    return s;
  }
  void prepare(unsigned n, GuestKind kind) {
    ASSERT_TRUE(engine.create_disk({id(n), kind, ImageName::parse("image").value(), {1 << 30}}));
    ASSERT_TRUE(engine.connect_network(id(n), spec(n, kind).nic));
    ASSERT_TRUE(engine.define_guest(spec(n, kind)));
  }
  GuestStatus view(unsigned n) { return engine.guest(id(n)).value(); }
  std::vector<GuestStatus> all() { return engine.guests().value(); }
  std::vector<std::string> listed() {
    std::vector<std::string> ids;
    for (auto const& status : all()) ids.push_back(status.guest);
    return ids;
  }

  TemporaryFolder state, runtime;
  Disks disks{state.path()};
  Nets network;
  Guests vms{GuestKind::vm}, containers{GuestKind::container};
  HostFacts facts = [] {
    HostFacts f;
    f.memory_bytes = 8 * gib;
    f.memory_free_bytes = 4 * gib;
    f.storage_bytes = 100 * gib;
    return f;
  }();
  HostEngine engine{
      {disks, network, vms, containers, [this] { return facts; }, {state.path(), runtime.path()}, "boot"}};
};

TEST_F(HostEngineTest, AGuestGoesToTheDriverOfItsKind) {
  prepare(1, GuestKind::vm);
  prepare(2, GuestKind::container);
  EXPECT_TRUE(engine.start_guest(id(1)));
  EXPECT_EQ(vms.status(id(1)).value().state, GuestState::running);
  EXPECT_EQ(containers.status(id(1)).value().state, GuestState::absent);
  EXPECT_EQ(containers.status(id(2)).value().state, GuestState::stopped);
  EXPECT_EQ(engine.define_guest(spec(1, GuestKind::container)).error().code, ErrorCode::conflict) << "one id, one kind";
}

TEST_F(HostEngineTest, AStatusCarriesTheFiguresOfDiskAndNetwork) {
  prepare(1, GuestKind::vm);
  EXPECT_EQ(view(1).disk_bytes, 4096U);
  EXPECT_EQ(view(1).rx_bytes, 11U);
  EXPECT_EQ(view(1).tx_bytes, 22U);
  EXPECT_EQ(engine.start_guest(id(1)).value().rx_bytes, 11U);
  EXPECT_EQ(engine.host().value().boot_id, "boot");
}

TEST_F(HostEngineTest, StraysOfEveryPartAreListedAndGoAway) {
  prepare(1, GuestKind::vm);
  ASSERT_TRUE(engine.create_disk({id(2), GuestKind::container, ImageName::parse("image").value(), {1 << 30}}));
  ASSERT_TRUE(engine.connect_network(id(3), spec(3, GuestKind::vm).nic));
  std::filesystem::create_directories(runtime.path() / "guests" / id(4).str() / "bundle");
  std::filesystem::create_directories(state.path() / "guests" / "not-a-guest" / "x");
  EXPECT_EQ(listed(), (std::vector{id(1).str(), id(2).str(), id(3).str(), id(4).str()}));
  EXPECT_EQ(all()[1].kind, GuestKind::container);
  EXPECT_EQ(all()[1].state, GuestState::absent);
  ASSERT_TRUE(engine.delete_disk(id(2)));
  ASSERT_TRUE(engine.disconnect_network(id(3)));
  EXPECT_EQ(listed(), (std::vector{id(1).str(), id(4).str()}));
  EXPECT_FALSE(std::filesystem::exists(state.path() / "guests" / id(2).str()));
}

TEST_F(HostEngineTest, RulesThatSpanPartsHold) {
  EXPECT_EQ(engine.start_guest(id(1)).error().code, ErrorCode::not_found);
  prepare(1, GuestKind::container);
  ASSERT_TRUE(engine.disconnect_network(id(1)));
  EXPECT_EQ(engine.start_guest(id(1)).error().slug, "network-missing");
  ASSERT_TRUE(engine.connect_network(id(1), spec(1, GuestKind::container).nic));
  ASSERT_TRUE(engine.delete_disk(id(1)));
  EXPECT_EQ(engine.start_guest(id(1)).error().slug, "disk-missing");
  prepare(1, GuestKind::container);
  ASSERT_TRUE(engine.start_guest(id(1)));
  EXPECT_EQ(engine.delete_disk(id(1)).error().code, ErrorCode::conflict);
  EXPECT_EQ(engine.undefine_guest(id(1)).error().code, ErrorCode::conflict);
  ASSERT_TRUE(engine.pause_guest(id(1)));
  EXPECT_EQ(engine.delete_disk(id(1)).error().code, ErrorCode::conflict);
}

TEST_F(HostEngineTest, WhatTheMachineCannotGiveIsExhausted) {
  auto const wish = [](unsigned n, std::uint64_t bytes) {
    return CreateDisk{id(n), GuestKind::vm, ImageName::parse("image").value(), {static_cast<std::int64_t>(bytes)}};
  };
  EXPECT_EQ(engine.create_disk(wish(9, 101 * gib)).error().code, ErrorCode::exhausted);
  EXPECT_TRUE(engine.create_disk(wish(9, 100 * gib))) << "thin";
  prepare(1, GuestKind::vm);
  prepare(2, GuestKind::container);
  facts.memory_free_bytes = gib - 1;
  EXPECT_EQ(engine.start_guest(id(1)).error().code, ErrorCode::exhausted) << "a VM takes what it is granted";
  EXPECT_TRUE(engine.start_guest(id(2))) << "a container's is a limit";
  ASSERT_TRUE(engine.stop_guest({id(2), {0}, true}));
  facts.memory_bytes = gib - 1;
  EXPECT_EQ(engine.start_guest(id(2)).error().code, ErrorCode::exhausted);
  EXPECT_EQ(view(2).state, GuestState::stopped);
}

TEST_F(HostEngineTest, ADefinitionNeedsImageAndDisk) {
  EXPECT_EQ(engine.define_guest(spec(1, GuestKind::vm)).error().code, ErrorCode::not_found) << "no disk";
  ASSERT_TRUE(engine.create_disk({id(1), GuestKind::vm, ImageName::parse("image").value(), {1 << 30}}));
  auto unknown = spec(1, GuestKind::vm);
  unknown.image = ImageName::parse("unknown").value();
  EXPECT_EQ(engine.define_guest(unknown).error().slug, "image-unknown");
  EXPECT_TRUE(engine.define_guest(spec(1, GuestKind::vm)));
  EXPECT_TRUE(engine.undefine_guest(id(1)));
  EXPECT_TRUE(engine.delete_disk(id(1)));
  EXPECT_EQ(listed(), std::vector<std::string>{});
}

TEST_F(HostEngineTest, ADriverThatDoesNotAnswerIsAnErrorAndNotAnAbsence) {
  prepare(1, GuestKind::container);
  prepare(2, GuestKind::vm);
  vms.trouble = Error{ErrorCode::unavailable, "libvirt-down", "libvirt does not answer"};
  EXPECT_EQ(engine.guest(id(2)).error().slug, "libvirt-down");
  EXPECT_EQ(engine.guests().error().slug, "libvirt-down");
  EXPECT_EQ(engine.delete_disk(id(2)).error().slug, "libvirt-down") << "it may be running";
  EXPECT_TRUE(engine.guest(id(1))) << "containers need no libvirt";
  EXPECT_TRUE(engine.start_guest(id(1)));
}

TEST_F(HostEngineTest, ActsOnOneGuestTakeTurnsAndOnTwoGoSideBySide) {
  prepare(1, GuestKind::vm);
  prepare(2, GuestKind::vm);
  std::atomic<int> inside = 0;
  std::promise<void> both;
  auto const met = both.get_future().share();
  vms.while_starting = [&] {
    if (++inside == 2) both.set_value();
    EXPECT_EQ(met.wait_for(30s), std::future_status::ready) << "the other guest's start never came in";
  };
  auto first = std::async(std::launch::async, [&] { return engine.start_guest(id(1)); });
  auto second = std::async(std::launch::async, [&] { return engine.start_guest(id(2)); });
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST_F(HostEngineTest, AReadDoesNotWaitForAnAct) {
  prepare(1, GuestKind::vm);
  std::promise<void> go;
  auto const may_go = go.get_future().share();
  std::promise<void> in;
  vms.while_starting = [&] {
    in.set_value();
    may_go.wait();
  };
  auto starting = std::async(std::launch::async, [&] { return engine.start_guest(id(1)); });
  in.get_future().wait();
  EXPECT_EQ(view(1).state, GuestState::stopped);
  go.set_value();
  EXPECT_TRUE(starting.get());
}

TEST_F(HostEngineTest, BadInputIsRefusedBeforeAnyPartSeesIt) {
  auto const trouble = Error{ErrorCode::internal, "seen", "a part was asked"};
  vms.trouble = containers.trouble = trouble;
  auto const bad = GuestId::parse(std::string(36, 'x')).value();
  auto const field = [](auto const& result) {
    return result.error().fields.empty() ? result.error().slug : result.error().fields[0].pointer;
  };
  EXPECT_EQ(field(engine.delete_disk(bad)), "/guest");
  EXPECT_EQ(field(engine.start_guest(bad)), "/guest");
  EXPECT_EQ(field(engine.stop_guest({bad, {1}, true})), "/guest");
  EXPECT_EQ(field(engine.pause_guest(bad)), "/guest");
  EXPECT_EQ(field(engine.resume_guest(bad)), "/guest");
  EXPECT_EQ(field(engine.guest(bad)), "/guest");
  EXPECT_EQ(field(engine.undefine_guest(bad)), "/guest");
  EXPECT_EQ(field(engine.disconnect_network(bad)), "/guest");
  EXPECT_EQ(field(engine.open_console(bad, ConsoleKind::serial)), "/guest");
  EXPECT_EQ(field(engine.resize_console(bad, {{80}, {24}})), "/guest");
  EXPECT_EQ(field(engine.create_disk({bad, GuestKind::vm, ImageName::parse("image").value(), {1 << 30}})), "/guest");
  EXPECT_EQ(field(engine.remove_image(ImageName::parse("A").value())), "/image");
}

TEST_F(HostEngineTest, StopAllStopsWhatRunsAndTriesEach) {
  for (unsigned n = 1; n <= 5; ++n) {
    prepare(n, n % 2 ? GuestKind::vm : GuestKind::container);
    ASSERT_TRUE(engine.start_guest(id(n)));
  }
  ASSERT_TRUE(engine.pause_guest(id(5)));
  prepare(6, GuestKind::vm);
  EXPECT_TRUE(stop_all(engine, 1s));
  for (auto const& status : all()) EXPECT_EQ(status.state, GuestState::stopped) << status.guest;
  EXPECT_TRUE(stop_all(engine, 1s)) << "nothing left to do";
}

TEST(GuestLocks, OneGuestsLockIsBusyUntilItIsLetGo) {
  GuestLocks locks;
  auto held = std::optional(locks.hold("a", 1s).value());
  EXPECT_EQ(locks.hold("a", 1ms).error().slug, "guest-busy");
  EXPECT_TRUE(locks.hold("b", 1ms));
  auto waiting = std::async(std::launch::async, [&] { return locks.hold("a", 30s).has_value(); });
  held.reset();
  EXPECT_TRUE(waiting.get());
  EXPECT_TRUE(locks.hold("a", 1s));
}

TEST(BootId, StaysWithTheFolderAndGoesWithIt) {
  std::string first;
  {
    TemporaryFolder runtime;
    first = boot_id(runtime.path()).value();
    EXPECT_GE(first.size(), 12U);
    EXPECT_EQ(boot_id(runtime.path()).value(), first);
    std::ofstream(runtime.path() / "boot-id") << "another-kernel." << first << "\n";
    EXPECT_NE(boot_id(runtime.path()).value(), first) << "the machine restarted under a folder that stayed";
    auto const second = boot_id(runtime.path()).value();
    EXPECT_TRUE(forget_boot_id(runtime.path()));
    EXPECT_TRUE(forget_boot_id(runtime.path())) << "nothing left to forget";
    EXPECT_NE(boot_id(runtime.path()).value(), second) << "the engine's unit was stopped, and its guests with it";
    EXPECT_FALSE(boot_id("/nonexistent"));
  }
  TemporaryFolder other;
  EXPECT_NE(boot_id(other.path()).value(), first);
}

}  // namespace
}  // namespace berth::engine
