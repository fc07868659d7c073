// Consoles: open_console and resize_console, and what a restarted engine does for them.
#include <sys/socket.h>

#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

TEST_P(EngineContract, TypingAtTheConsoleIsAnswered) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    auto talk = console(wanted.guest);
    ASSERT_TRUE(talk.reach_prompt()) << talk.heard();
    EXPECT_TRUE(talk.echoes("berth-was-here")) << talk.heard();
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(talk.ends()) << "a stopped guest's console closes";
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, ViewersShareAConsoleAndSeeWhatWasSaidLately) {
  auto const wanted = run(1, GuestKind::container);
  auto first = console(wanted.guest);
  ASSERT_TRUE(first.reach_prompt());
  ASSERT_TRUE(first.echoes("said-early"));
  auto second = console(wanted.guest);
  EXPECT_TRUE(second.expect("said-early")) << second.heard();
  ASSERT_TRUE(first.echoes("said-late"));
  EXPECT_TRUE(second.expect("\nsaid-late")) << second.heard();
}

TEST_P(EngineContract, AConsoleTakesABoundedNumberOfViewers) {
  auto const wanted = run(1, GuestKind::container);
  std::vector<Descriptor> viewers;
  for (int i = 0; i < 30; ++i) {
    auto opened = engine().open_console(wanted.guest, ConsoleKind::serial);
    ASSERT_TRUE(ok(opened));
    viewers.push_back(*std::move(opened));
  }
  EXPECT_EQ(code_of(engine().open_console(wanted.guest, ConsoleKind::serial)), ErrorCode::exhausted);
}

TEST_P(EngineContract, AConsoleNeedsARunningGuest) {
  EXPECT_EQ(code_of(engine().open_console(guest_id(1), ConsoleKind::serial)), ErrorCode::not_found);
  EXPECT_EQ(code_of(engine().resize_console(guest_id(1), {{80}, {24}})), ErrorCode::not_found);
  for (auto kind : both_kinds) {
    auto const wanted = prepare(1, kind);
    EXPECT_EQ(code_of(engine().open_console(wanted.guest, ConsoleKind::serial)), ErrorCode::conflict);
    EXPECT_EQ(code_of(engine().resize_console(wanted.guest, {{80}, {24}})), ErrorCode::conflict);
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
  EXPECT_EQ(bad_field(engine().open_console(made<GuestId>(std::string(36, 'x')), ConsoleKind::serial)), "/guest");
}

TEST_P(EngineContract, AScreenIsAVmsAlone) {
  auto const container = run(1, GuestKind::container);
  EXPECT_EQ(code_of(engine().open_console(container.guest, ConsoleKind::vnc)), ErrorCode::unsupported);
  auto const vm = run(2, GuestKind::vm);
  auto opened = engine().open_console(vm.guest, ConsoleKind::vnc);
  ASSERT_TRUE(ok(opened));
  Conversation screen(*std::move(opened));
  ASSERT_TRUE(screen.expect("RFB 003.008\n"));
  screen.type("RFB 003.008\n");
  EXPECT_TRUE(screen.expect("\x01\x01")) << "one security type, None: who may look was decided before";
}

TEST_P(EngineContract, ATerminalTakesItsSize) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    EXPECT_TRUE(ok(engine().resize_console(wanted.guest, {{100}, {30}})));
    EXPECT_TRUE(ok(engine().resize_console(wanted.guest, {{100}, {30}})));
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, GuestsAndConsolesOutliveTheEngine) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    auto const boot_id = engine().host().value().boot_id;
    {
      auto talk = console(wanted.guest);
      ASSERT_TRUE(talk.reach_prompt()) << talk.heard();
      if (!subject().restart()) GTEST_SKIP() << "this engine has no process of its own";
      EXPECT_TRUE(talk.ends()) << "viewers of the engine that went see the end";
    }
    EXPECT_EQ(state(wanted.guest), GuestState::running);
    EXPECT_EQ(engine().host().value().boot_id, boot_id);
    auto talk = console(wanted.guest);
    ASSERT_TRUE(talk.reach_prompt()) << talk.heard();
    EXPECT_TRUE(talk.echoes("still-here")) << talk.heard();
    auto const stopped = engine().stop_guest({wanted.guest, {0}, true});
    ASSERT_TRUE(ok(stopped));
    EXPECT_EQ(stopped->state, GuestState::stopped);
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

}  // namespace
}  // namespace berth::contract::testing
