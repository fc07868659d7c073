// Transactions, and the rules that tables keep by themselves.
#include "firmware/store/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/world.hpp"

namespace berth::store {
namespace {

class Rules : public ::testing::Test {
 protected:
  support::World world;
  Store& store = world.store();
  Author author{"test", from_ms(1000)};
};

TEST_F(Rules, an_error_rolls_everything_back) {
  auto done = store.write(author, [](Transaction& tx) -> Result<void> {
    TRY(tx.settings.set("a", "1"));
    return fail(ErrorCode::conflict, "no", "no");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().slug, "no");
  EXPECT_EQ(store.read([](Snapshot& s) { return s.settings.get("a"); }), std::nullopt);
}

TEST_F(Rules, a_snapshot_does_not_see_what_is_committed_meanwhile) {
  auto done = store.read([&](Snapshot& s) -> Result<void> {
    EXPECT_EQ(TRY(s.settings.get("a")), std::nullopt);
    std::thread([&] {
      EXPECT_TRUE(store.write(author, [](Transaction& tx) { return tx.settings.set("a", "1"); }));
    }).join();
    EXPECT_EQ(TRY(s.settings.get("a")), std::nullopt);
    return {};
  });
  ASSERT_TRUE(done);
  EXPECT_EQ(store.read([](Snapshot& s) { return s.settings.get("a"); }), "1");
}

TEST_F(Rules, two_servers_of_a_tenant_cannot_share_a_name) {
  auto const first = world.add_server("web");
  auto again = store.write(author, [&](Transaction& tx) -> Result<void> {
    auto copy = TRY(tx.servers.get(first, TenantScope::all_tenants_for_staff()));
    copy.id = ServerId::fresh();
    copy.mac = "52:54:00:00:00:99";
    return tx.servers.add(copy);
  });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().slug, "server-name-taken");
}

TEST_F(Rules, a_server_has_one_active_job) {
  auto const server = world.add_server("web");
  auto add = [&] {
    return store.write(author, [&](Transaction& tx) {
      return tx.jobs.add({"test.job", "Test", world.tenant(), server, "{}", {"one", "two"}});
    });
  };
  auto const first = add();
  ASSERT_TRUE(first);
  auto const second = add();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().slug, "job-under-way");
  ASSERT_TRUE(
      store.write(author, [&](Transaction& tx) { return tx.jobs.finish(*first, JobState::succeeded, "", ""); }));
  EXPECT_TRUE(add());
}

TEST_F(Rules, an_address_is_held_once) {
  auto const one = world.add_server("one");
  auto const two = world.add_server("two");
  auto hold = [&](ServerId const& server) {
    return store.write(author, [&](Transaction& tx) { return tx.pools.hold({world.pool(), 0x0a4d0005, server}); });
  };
  ASSERT_TRUE(hold(one));
  auto again = hold(two);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().slug, "address-taken");
}

TEST_F(Rules, a_server_that_holds_an_address_cannot_be_forgotten) {
  auto const server = world.add_server("web");
  ASSERT_TRUE(store.write(author, [&](Transaction& tx) { return tx.pools.hold({world.pool(), 0x0a4d0005, server}); }));
  EXPECT_FALSE(store.write(author, [&](Transaction& tx) { return tx.servers.remove(server); }));
  ASSERT_TRUE(store.write(author, [&](Transaction& tx) { return tx.pools.release(server); }));
  EXPECT_TRUE(store.write(author, [&](Transaction& tx) { return tx.servers.remove(server); }));
}

TEST_F(Rules, another_tenants_server_is_not_found) {
  auto const server = world.add_server("web");
  auto const stranger = TenantId::fresh();
  auto found = store.read([&](Snapshot& s) { return s.servers.get(server, TenantScope::one(stranger)); });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
  auto page = store.read([&](Snapshot& s) { return s.servers.page(TenantScope::one(stranger), {}); });
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
}

TEST_F(Rules, pages_cover_every_server_once_in_order) {
  std::vector<ServerId> made;
  for (int i = 0; i < 23; ++i) made.push_back(world.add_server("web-" + std::to_string(i)));
  for (std::size_t limit : {1u, 5u, 22u, 23u, 24u, 100u}) {
    std::vector<ServerId> seen;
    PageWish wish{limit, ""};
    do {
      auto page = store.read([&](Snapshot& s) { return s.servers.page(TenantScope::one(world.tenant()), wish); });
      ASSERT_TRUE(page) << describe(page.error());
      ASSERT_LE(page->items.size(), limit);
      for (auto const& item : page->items) seen.push_back(item.server.id);
      wish.after = page->next_cursor;
    } while (!wish.after.empty());
    EXPECT_EQ(seen, made) << "pages of " << limit;
  }
}

TEST_F(Rules, a_stale_rename_is_refused) {
  auto const server = world.add_server("web");
  auto rename = [&](std::string_view name, std::int64_t version) {
    return store.write(author, [&](Transaction& tx) {
      return tx.servers.rename(server, TenantScope::one(world.tenant()), name, version);
    });
  };
  auto first = rename("shop", 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->version, 2);
  auto stale = rename("blog", 1);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode::precondition_failed);
}

TEST_F(Rules, a_ticket_is_taken_once_and_not_too_late) {
  auto const server = world.add_server("web");
  auto add = [&](std::string hash) {
    return store.write(author, [&](Transaction& tx) {
      return tx.tickets.add({hash, server, std::nullopt, std::nullopt, TicketKind::serial, from_ms(5000)});
    });
  };
  auto take = [&](std::string hash, std::int64_t at) {
    return store.write(author, [&](Transaction& tx) { return tx.tickets.take(hash, from_ms(at)); });
  };
  ASSERT_TRUE(add("one"));
  ASSERT_TRUE(add("two"));
  EXPECT_TRUE(take("one", 4999));
  EXPECT_FALSE(take("one", 4999));
  EXPECT_FALSE(take("two", 5000));
}

TEST_F(Rules, a_ticket_raced_for_by_many_goes_to_one) {
  auto const server = world.add_server("web");
  ASSERT_TRUE(store.write(author, [&](Transaction& tx) {
    return tx.tickets.add({"one", server, std::nullopt, std::nullopt, TicketKind::serial, from_ms(5000)});
  }));
  std::atomic<int> winners = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        if (store.write(author, [&](Transaction& tx) { return tx.tickets.take("one", from_ms(1)); })) ++winners;
      });
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(Rules, an_idempotency_key_is_claimed_once) {
  auto claim = [&] {
    return store.write(author, [](Transaction& tx) { return tx.idempotency.claim("u", "POST /servers", "k", "h"); });
  };
  EXPECT_EQ(claim(), true);
  EXPECT_EQ(claim(), false);
  ASSERT_TRUE(store.write(
      author, [](Transaction& tx) { return tx.idempotency.answer("u", "POST /servers", "k", 202, "/jobs/1", "{}"); }));
  auto found = store.read([](Snapshot& s) { return s.idempotency.find("u", "POST /servers", "k"); });
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->status, 202);
  EXPECT_EQ((*found)->created_at, from_ms(1000));
}

TEST_F(Rules, user_names_differ_by_more_than_case) {
  auto add = [&](std::string name) {
    return store.write(author, [&](Transaction& tx) {
      return tx.users.add({UserId::fresh(), name, std::nullopt, "hash", UserRole::member, from_ms(1), false});
    });
  };
  ASSERT_TRUE(add("Anna"));
  auto again = add("anna");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().slug, "user-name-taken");
}

TEST_F(Rules, listeners_hear_what_was_committed_and_nothing_that_was_not) {
  std::vector<Committed> heard;
  store.after_commit([&](Committed const& c) { heard.push_back(c); });
  auto const server = world.add_server("web");
  heard.clear();
  auto const job = store.write(author, [&](Transaction& tx) {
    return tx.jobs.add({"test.job", "Test", world.tenant(), server, "{}", {"one"}});
  });
  ASSERT_TRUE(job);
  auto refused = store.write(author, [&](Transaction& tx) -> Result<void> {
    TRY(tx.jobs.add({"test.job", "Test", std::nullopt, std::nullopt, "{}", {"one"}}));
    return fail(ErrorCode::internal, "no", "no");
  });
  ASSERT_FALSE(refused);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].jobs, std::vector{*job});
}

TEST_F(Rules, old_jobs_go_by_age_and_in_bounded_numbers) {
  for (int i = 0; i < 5; ++i) {
    auto id = store.write(author, [&](Transaction& tx) {
      return tx.jobs.add({"test.job", "Test", std::nullopt, std::nullopt, "{}", {"one"}});
    });
    ASSERT_TRUE(id);
    ASSERT_TRUE(store.write({"test", from_ms(1000 * i)},
                            [&](Transaction& tx) { return tx.jobs.finish(*id, JobState::succeeded, "", ""); }));
  }
  auto remove = [&](std::int64_t limit) {
    return store.write(author, [&](Transaction& tx) { return tx.jobs.remove_finished(from_ms(3000), limit); });
  };
  EXPECT_EQ(remove(2), 2);
  EXPECT_EQ(remove(100), 1);
  EXPECT_EQ(remove(100), 0);
}

}  // namespace
}  // namespace berth::store
