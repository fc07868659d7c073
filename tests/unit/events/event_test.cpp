// The outbox and its hub: order, audience, wake-ups.
#include "firmware/events/event.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "firmware/events/event_hub.hpp"
#include "tests/support/world.hpp"

namespace berth::events {
namespace {

// An event without an audit text does not go into the store.
struct Mute {
  static constexpr std::string_view type = "mute";
  EventSubject subject() const { return {"x"}; }
};
static_assert(!store::AuditedEvent<Mute>);
static_assert(store::AuditedEvent<ServerCreated>);

class Outbox : public ::testing::Test {
 protected:
  support::World world;
  EventHub hub{world.store()};

  std::int64_t tell(std::string name) {
    EXPECT_TRUE(world.store().write(world.author(), [&](store::Transaction& tx) {
      return tx.events.add(ServerCreated{world.tenant(), ServerId::fresh(), name});
    }));
    return world.store().read([](store::Snapshot& s) { return s.events.last_seq(); }).value();
  }
  std::vector<store::Event> read(std::int64_t after, store::EventAudience audience) {
    return world.store().read([&](store::Snapshot& s) { return s.events.after(after, 100, audience); }).value();
  }
};

TEST_F(Outbox, readers_continue_where_they_were) {
  auto const first = tell("one");
  auto const second = tell("two");
  EXPECT_LT(first, second);
  auto const staff = store::EventAudience{store::TenantScope::all_tenants_for_staff()};
  EXPECT_EQ(read(0, staff).size(), 2u);
  auto const rest = read(first, staff);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].seq, second);
  EXPECT_EQ(rest[0].type, "server.created");
  EXPECT_EQ(rest[0].actor, "test");
  EXPECT_FALSE(rest[0].text.empty());
  EXPECT_TRUE(read(second, staff).empty());
}

TEST_F(Outbox, strangers_read_nothing_and_people_read_about_themselves) {
  tell("one");
  auto const user = UserId::fresh();
  ASSERT_TRUE(world.store().write(
      world.author(), [&](store::Transaction& tx) { return tx.events.add(SignedIn{user, "anna", "192.0.2.1"}); }));
  EXPECT_TRUE(read(0, {store::TenantScope::one(TenantId::fresh())}).empty());
  EXPECT_EQ(read(0, {store::TenantScope::one(world.tenant())}).size(), 1u);
  auto const own = read(0, {store::TenantScope::some({}), user});
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].type, "user.signed_in");
}

TEST_F(Outbox, what_is_removed_is_the_oldest_and_leaves_no_gap) {
  std::vector<std::int64_t> seqs;
  for (auto const* name : {"one", "two", "three", "four"}) seqs.push_back(tell(name));
  auto const staff = store::EventAudience{store::TenantScope::all_tenants_for_staff()};
  auto const remove = [&](Moment than, std::int64_t limit) {
    return world.store()
        .write(world.author(), [&](store::Transaction& tx) { return tx.events.remove_older(than, limit); })
        .value();
  };
  auto const first = [&] {
    return world.store().read([](store::Snapshot& s) { return s.events.first_seq(); }).value();
  };
  EXPECT_EQ(remove(from_ms(1000), 100), 0) << "as old, not older";
  EXPECT_EQ(remove(from_ms(1001), 2), 2) << "no more than the limit";
  EXPECT_EQ(first(), seqs[2]);
  EXPECT_EQ(remove(from_ms(1001), 100), 1) << "never the last";
  EXPECT_EQ(remove(from_ms(1001), 100), 0);
  EXPECT_EQ(first(), seqs[3]);
  EXPECT_EQ(read(0, staff).size(), 1u);
  EXPECT_EQ(tell("five"), seqs[3] + 1) << "numbers are not given out again";
}

TEST_F(Outbox, a_waiter_wakes_after_the_commit_and_finds_the_event) {
  auto const before = world.store().read([](store::Snapshot& s) { return s.events.last_seq(); }).value();
  bool woken = false;
  std::size_t found = 0;
  std::jthread waiter([&] {
    woken = hub.wait_beyond(before, std::chrono::seconds(30));
    found = read(before, {store::TenantScope::all_tenants_for_staff()}).size();
  });
  tell("one");
  waiter.join();
  EXPECT_TRUE(woken);
  EXPECT_EQ(found, 1u);
}

TEST_F(Outbox, what_came_before_the_wait_is_not_missed) {
  auto const seq = tell("one");
  EXPECT_TRUE(hub.wait_beyond(seq - 1, std::chrono::seconds(30)));
  EXPECT_FALSE(hub.wait_beyond(seq, std::chrono::milliseconds(1)));
}

TEST_F(Outbox, closing_ends_every_wait) {
  std::jthread waiter([&] { EXPECT_FALSE(hub.wait_beyond(1'000'000, std::chrono::seconds(30))); });
  hub.close();
  waiter.join();
  EXPECT_FALSE(hub.wait_beyond(0, std::chrono::seconds(30)));
}

TEST_F(Outbox, a_rolled_back_fact_was_never_told) {
  auto const before = tell("one");
  auto const refused = world.store().write(world.author(), [&](store::Transaction& tx) -> Result<void> {
    TRY(tx.events.add(ServerCreated{world.tenant(), ServerId::fresh(), "two"}));
    return fail(ErrorCode::conflict, "no", "no");
  });
  ASSERT_FALSE(refused);
  EXPECT_FALSE(hub.wait_beyond(before, std::chrono::milliseconds(1)));
  EXPECT_TRUE(read(before, {store::TenantScope::all_tenants_for_staff()}).empty());
}

}  // namespace
}  // namespace berth::events
