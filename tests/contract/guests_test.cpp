// A guest's life: define, start, stop, pause, resume, undefine, and what is seen of it.
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

TEST_P(EngineContract, TheHostSaysWhatItIs) {
  auto const facts = engine().host();
  ASSERT_TRUE(ok(facts));
  EXPECT_FALSE(facts->hostname.empty());
  EXPECT_FALSE(facts->kernel.empty());
  EXPECT_FALSE(facts->boot_id.empty());
  EXPECT_FALSE(facts->accelerator_reason.empty());
  EXPECT_GT(facts->cpus, 0U);
  EXPECT_GT(facts->memory_bytes, 0U);
  EXPECT_LE(facts->memory_free_bytes, facts->memory_bytes);
  EXPECT_GT(facts->storage_bytes, 0U);
  EXPECT_LE(facts->storage_free_bytes, facts->storage_bytes);
  EXPECT_EQ(engine().host().value().boot_id, facts->boot_id);
}

TEST_P(EngineContract, ADefinitionNeedsImageAndDisk) {
  for (auto kind : both_kinds) {
    import(kind);
    EXPECT_EQ(code_of(engine().define_guest(spec(1, kind))), ErrorCode::not_found) << "no disk";
    give_disk(1, kind);
    auto unknown = spec(1, kind);
    unknown.image = made<ImageName>("unknown");
    EXPECT_EQ(code_of(engine().define_guest(unknown)), ErrorCode::not_found);
    EXPECT_TRUE(ok(engine().define_guest(spec(1, kind))));
    EXPECT_EQ(state(guest_id(1)), GuestState::stopped);
    EXPECT_TRUE(ok(engine().undefine_guest(guest_id(1))));
    EXPECT_TRUE(ok(engine().undefine_guest(guest_id(1)))) << "absent is success";
    EXPECT_EQ(state(guest_id(1)), GuestState::absent);
    EXPECT_TRUE(ok(engine().delete_disk(guest_id(1))));
  }
}

TEST_P(EngineContract, ADefinitionMayBeRepeatedAndChangesWhileStopped) {
  for (auto kind : both_kinds) {
    auto wanted = prepare(1, kind);
    EXPECT_TRUE(ok(engine().define_guest(wanted)));
    wanted.vcpus = {2};
    EXPECT_TRUE(ok(engine().define_guest(wanted)));
    ASSERT_TRUE(ok(engine().start_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().define_guest(wanted))) << "the same";
    wanted.vcpus = {1};
    EXPECT_EQ(code_of(engine().define_guest(wanted)), ErrorCode::conflict);
    EXPECT_EQ(state(wanted.guest), GuestState::running);
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, ADefinitionSaysWhichFieldIsBad) {
  auto const refused = [&](auto change) {
    auto bad = spec(1, GuestKind::container);
    change(bad);
    return bad_field(engine().define_guest(bad));
  };
  EXPECT_EQ(refused([](GuestSpec& s) { s.guest = made<GuestId>("0190F3C4-0000-7000-8000-000000000001"); }), "/guest");
  EXPECT_EQ(refused([](GuestSpec& s) { s.image = made<ImageName>("Upper"); }), "/image");
  EXPECT_EQ(refused([](GuestSpec& s) { s.hostname = made<Hostname>("-dash"); }), "/hostname");
  EXPECT_EQ(refused([](GuestSpec& s) { s.hostname = made<Hostname>("a.b"); }), "/hostname");
  EXPECT_EQ(refused([](GuestSpec& s) { s.nic.mac = made<MacAddress>("zz:54:00:be:27:01"); }), "/nic/mac");
  EXPECT_EQ(refused([](GuestSpec& s) { s.nic.address = made<Ipv4>("999.1.1.1"); }), "/nic/address");
}

TEST_P(EngineContract, StartNeedsAGuestItsDiskAndItsNetwork) {
  EXPECT_EQ(code_of(engine().start_guest(guest_id(1))), ErrorCode::not_found);
  for (auto kind : both_kinds) {
    give_disk(1, kind);
    ASSERT_TRUE(ok(engine().define_guest(spec(1, kind))));
    EXPECT_EQ(code_of(engine().start_guest(guest_id(1))), ErrorCode::conflict) << "no network";
    ASSERT_TRUE(ok(engine().undefine_guest(guest_id(1))));
    ASSERT_TRUE(ok(engine().delete_disk(guest_id(1))));
  }
}

TEST_P(EngineContract, StartNeedsMemory) {
  for (auto kind : both_kinds) {
    auto wanted = prepare(1, kind);
    wanted.memory_bytes = {std::int64_t{1} << 46};
    ASSERT_TRUE(ok(engine().define_guest(wanted)));
    EXPECT_EQ(code_of(engine().start_guest(wanted.guest)), ErrorCode::exhausted);
    EXPECT_EQ(state(wanted.guest), GuestState::stopped);
    ASSERT_TRUE(ok(engine().undefine_guest(guest_id(1))));
    ASSERT_TRUE(ok(engine().delete_disk(guest_id(1))));
  }
}

TEST_P(EngineContract, AGuestStartsOnceAndStopsOnce) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    auto const again = engine().start_guest(wanted.guest);
    ASSERT_TRUE(ok(again));
    EXPECT_EQ(again->state, GuestState::running);
    EXPECT_EQ(again->kind, kind);
    EXPECT_EQ(again->guest, wanted.guest.str());
    EXPECT_EQ(code_of(engine().delete_disk(wanted.guest)), ErrorCode::conflict);
    EXPECT_EQ(code_of(engine().undefine_guest(wanted.guest)), ErrorCode::conflict);
    auto const stopped = engine().stop_guest({wanted.guest, {0}, true});
    ASSERT_TRUE(ok(stopped));
    EXPECT_EQ(stopped->state, GuestState::stopped);
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {5}, false}))) << "a stopped guest is success";
    EXPECT_EQ(state(wanted.guest), GuestState::stopped);
    ASSERT_TRUE(ok(engine().start_guest(wanted.guest))) << "and again";
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, AGuestThatIsUpStopsInAnOrderlyWay) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    ASSERT_TRUE(console(wanted.guest).reach_prompt());
    auto const stopped = engine().stop_guest({wanted.guest, {60}, false});
    ASSERT_TRUE(ok(stopped));
    EXPECT_EQ(stopped->state, GuestState::stopped);
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, StoppingWhatIsNotThereIsSuccess) {
  auto const stopped = engine().stop_guest({guest_id(9), {5}, false});
  ASSERT_TRUE(ok(stopped));
  EXPECT_EQ(stopped->state, GuestState::absent);
  EXPECT_EQ(bad_field(engine().stop_guest({made<GuestId>(std::string(36, 'x')), {5}, false})), "/guest");
}

TEST_P(EngineContract, AGuestPausesAndGoesOn) {
  EXPECT_EQ(code_of(engine().pause_guest(guest_id(1))), ErrorCode::not_found);
  EXPECT_EQ(code_of(engine().resume_guest(guest_id(1))), ErrorCode::not_found);
  for (auto kind : both_kinds) {
    auto const wanted = prepare(1, kind);
    EXPECT_EQ(code_of(engine().pause_guest(wanted.guest)), ErrorCode::conflict);
    EXPECT_EQ(code_of(engine().resume_guest(wanted.guest)), ErrorCode::conflict);
    ASSERT_TRUE(ok(engine().start_guest(wanted.guest)));
    for (int twice = 0; twice < 2; ++twice) {
      auto const paused = engine().pause_guest(wanted.guest);
      ASSERT_TRUE(ok(paused));
      EXPECT_EQ(paused->state, GuestState::paused);
    }
    EXPECT_EQ(state(wanted.guest), GuestState::paused);
    EXPECT_EQ(code_of(engine().undefine_guest(wanted.guest)), ErrorCode::conflict);
    for (int twice = 0; twice < 2; ++twice) {
      auto const resumed = engine().resume_guest(wanted.guest);
      ASSERT_TRUE(ok(resumed));
      EXPECT_EQ(resumed->state, GuestState::running);
    }
    ASSERT_TRUE(ok(engine().pause_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true}))) << "a paused guest can be stopped by force";
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, AnUnknownGuestIsAbsentAndNoError) {
  auto const status = engine().guest(guest_id(9));
  ASSERT_TRUE(ok(status));
  EXPECT_EQ(status->state, GuestState::absent);
  EXPECT_EQ(status->guest, guest_id(9).str());
  EXPECT_EQ(bad_field(engine().guest(made<GuestId>(std::string(36, 'x')))), "/guest");
  EXPECT_TRUE(engine().guests().value().empty());
}

TEST_P(EngineContract, EverythingThatExistsIsListedOnce) {
  run(1, GuestKind::container);
  prepare(2, GuestKind::vm);
  give_disk(3, GuestKind::container);
  connect(4);
  auto const all = engine().guests();
  ASSERT_TRUE(ok(all));
  std::map<std::string, GuestState> seen;
  for (auto const& status : *all)
    EXPECT_TRUE(seen.emplace(status.guest, status.state).second) << status.guest << " twice";
  std::map<std::string, GuestState> const expected{{guest_id(1).str(), GuestState::running},
                                                   {guest_id(2).str(), GuestState::stopped},
                                                   {guest_id(3).str(), GuestState::absent},
                                                   {guest_id(4).str(), GuestState::absent}};
  EXPECT_EQ(seen, expected);
}

TEST_P(EngineContract, ARunningGuestHasFigures) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    await([&] {
      auto const status = engine().guest(wanted.guest);
      return status && status->cpu_ns > 0 && status->memory_bytes > 0 && status->disk_bytes > 0;
    });
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

TEST_P(EngineContract, AGuestThatEndsByItselfIsSeen) {
  for (auto kind : both_kinds) {
    auto const wanted = run(1, kind);
    if (!subject().crash(wanted.guest)) GTEST_SKIP() << "no guest can be made to crash here";
    await_state(wanted.guest, GuestState::crashed);
    EXPECT_FALSE(engine().guest(wanted.guest).value().reason.empty());
    EXPECT_EQ(code_of(engine().open_console(wanted.guest, ConsoleKind::serial)), ErrorCode::conflict);
    ASSERT_TRUE(ok(engine().start_guest(wanted.guest))) << "it may start again";
    EXPECT_EQ(state(wanted.guest), GuestState::running);
    EXPECT_TRUE(ok(engine().stop_guest({wanted.guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(wanted.guest)));
    EXPECT_TRUE(ok(engine().delete_disk(wanted.guest)));
  }
}

}  // namespace
}  // namespace berth::contract::testing
