#include "firmware/services/compute/server_edit.hpp"

#include <gtest/gtest.h>

#include "firmware/services/compute/peer_groups.hpp"
#include "firmware/services/compute/server_creation.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/system/job_control.hpp"
#include "tests/support/panel.hpp"

namespace berth::compute {
namespace {

using Group = std::optional<std::string>;

class Editing : public ::testing::Test {
 protected:
  support::Panel panel;

  access::Granted<store::Server> granted(services::Call& call, ServerId const& id) {
    return *access::grant_server(call, id, access::Permission::server_edit);
  }
  store::Server server(ServerId const& id) {
    auto call = panel.call();
    return *granted(call, id);
  }
  Result<EditedServer> edit(ServerId const& id, ServerEdit const& wish) {
    auto call = panel.call();
    auto const held = granted(call, id);
    return edit_server(call, held, wish, held->version);
  }
  Result<EditedServer> put(ServerId const& id, Group group) {
    return edit(id, {.peer_group = std::optional<Group>(std::move(group))});
  }
  // Puts it there and waits until the engine knows.
  void joined(ServerId const& id, Group group) {
    auto const done = put(id, std::move(group));
    ASSERT_TRUE(done) << describe(done.error());
    ASSERT_TRUE(done->job);
    EXPECT_EQ(panel.finished(*done->job).state, store::JobState::succeeded);
  }
  std::int64_t number(ServerId const& id) {
    auto const group = server(id).peer_group;
    return group ? group->id : 0;
  }
  std::vector<PeerGroupView> groups() {
    auto call = panel.call();
    return *list_peer_groups(call, *access::grant_own_tenant(call, access::Permission::server_view));
  }
  TenantId other_tenant() {
    auto const id = TenantId::fresh();
    EXPECT_TRUE(panel.world.store().write(
        panel.world.author(), [&](store::Transaction& tx) { return tx.tenants.add({id, "Other", from_ms(1000)}); }));
    return id;
  }
  ServerId made(std::string name, std::optional<TenantId> tenant = std::nullopt) {
    auto call = panel.call();
    NewServer wish;
    wish.name = std::move(name);
    wish.image = "tiny-container";
    wish.plan = "tiny";
    auto const created = create_server(call,
                                       tenant ? *access::grant_tenant(call, *tenant, access::Permission::server_create)
                                              : *access::grant_own_tenant(call, access::Permission::server_create),
                                       wish);
    EXPECT_TRUE(created) << describe(created.error());
    EXPECT_EQ(panel.finished(created->job).state, store::JobState::succeeded);
    return created->server;
  }
};

TEST_F(Editing, a_rename_needs_the_newest_version) {
  auto call = panel.call();
  auto const server = panel.world.add_server("web");
  auto const rename = [&](char const* name, std::int64_t version) {
    return edit_server(call, granted(call, server), {.name = name}, version);
  };
  auto const renamed = rename("shop", 1);
  ASSERT_TRUE(renamed);
  EXPECT_EQ(renamed->server.version, 2);
  EXPECT_FALSE(renamed->job);
  EXPECT_EQ(rename("blog", 1).error().code, ErrorCode::precondition_failed);
  EXPECT_EQ(rename("two\nlines", 2).error().fields.at(0).pointer, "/name");
  panel.world.add_server("other");
  EXPECT_EQ(rename("other", 2).error().slug, "server-name-taken");
  EXPECT_EQ(panel.count_events("server.renamed"), 1);
}

TEST_F(Editing, a_group_is_made_by_its_first_member_and_goes_with_its_last) {
  panel.start();
  auto const a = made("a"), b = made("b");
  joined(a, "crew");
  joined(b, "crew");
  EXPECT_EQ(number(a), number(b));
  ASSERT_EQ(groups().size(), 1u);
  EXPECT_EQ(groups()[0].name, "crew");
  ASSERT_EQ(groups()[0].members.size(), 2u);
  EXPECT_EQ(groups()[0].members[0].name, "a");
  EXPECT_EQ(groups()[0].members[0].address, "10.77.0.2");
  EXPECT_EQ(panel.count_events("server.peer_group_changed"), 2);
  auto const first = number(a);
  joined(a, std::nullopt);
  EXPECT_EQ(groups().at(0).members.size(), 1u);
  joined(b, std::nullopt);
  EXPECT_TRUE(groups().empty());
  joined(a, "crew");
  EXPECT_GT(number(a), first) << "a number is never used again";
}

TEST_F(Editing, a_deleted_server_leaves_its_group) {
  panel.start();
  auto const a = made("a");
  joined(a, "crew");
  auto call = panel.call();
  auto const deletion = delete_server(call, granted(call, a));
  ASSERT_TRUE(deletion);
  EXPECT_EQ(panel.finished(*deletion).state, store::JobState::succeeded);
  EXPECT_TRUE(groups().empty());
}

TEST_F(Editing, the_same_name_in_two_tenants_is_two_groups) {
  panel.start();
  auto const other = other_tenant();
  auto const mine = made("a"), theirs = made("a", other);
  joined(mine, "crew");
  joined(theirs, "crew");
  EXPECT_NE(number(mine), number(theirs));
  ASSERT_EQ(groups().size(), 1u);
  ASSERT_EQ(groups()[0].members.size(), 1u);
  EXPECT_EQ(groups()[0].members[0].server, mine);
  // Not even by a statement of our own.
  auto const forced = panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) {
    return tx.peer_groups.change(theirs, other, server(mine).peer_group);
  });
  ASSERT_FALSE(forced);
  EXPECT_EQ(forced.error().code, ErrorCode::conflict);
}

TEST_F(Editing, asking_twice_is_one_job_and_nothing_changed_is_none) {
  auto const a = panel.world.add_server("a");
  auto const first = put(a, "crew");
  ASSERT_TRUE(first);
  EXPECT_EQ(put(a, "crew")->job, first->job);
  EXPECT_EQ(put(a, "other").error().slug, "job-under-way");
  auto const b = panel.world.add_server("b");
  EXPECT_FALSE(put(b, std::nullopt)->job);
  EXPECT_EQ(panel.count_events("server.peer_group_wished"), 1);
}

TEST_F(Editing, bad_groups_are_named) {
  auto const a = panel.world.add_server("a");
  for (auto const& name : {std::string(), std::string(64, 'x'), std::string("a\nb"), std::string(" a"),
                           std::string("\xff"), std::string("a\0b", 3)}) {
    auto const refused = put(a, name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().fields.at(0).pointer, "/peer_group");
  }
  EXPECT_EQ(edit(a, {}).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(groups().empty());
}

TEST_F(Editing, name_and_group_change_together_or_not_at_all) {
  panel.world.add_server("taken");
  auto const a = panel.world.add_server("a");
  EXPECT_EQ(edit(a, {.name = "taken", .peer_group = "crew"}).error().slug, "server-name-taken");
  EXPECT_TRUE(groups().empty());
  auto const done = edit(a, {.name = "b", .peer_group = "crew"});
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->job);
  EXPECT_EQ(server(a).name, "b");
  EXPECT_EQ(server(a).version, 2);
}

TEST_F(Editing, a_change_that_fails_is_taken_back_and_can_be_tried_again) {
  panel.start();
  auto const a = made("a");
  joined(a, "crew");
  auto const crew = number(a);
  auto options = support::Panel::quick();
  options.faults.fail_at = "server.regroup:2";
  panel.restart(options);
  auto const moved = put(a, "other");
  ASSERT_TRUE(moved && moved->job);
  EXPECT_EQ(panel.finished(*moved->job).state, store::JobState::undone);
  EXPECT_EQ(number(a), crew) << "the old group was kept for it";
  EXPECT_EQ(groups().size(), 1u) << "the new one is not needed";
  panel.restart();
  auto call = panel.call();
  auto const job = *access::grant_job(call, *moved->job, access::Permission::job_control);
  ASSERT_TRUE(services::retry_job(call, job));
  EXPECT_EQ(panel.finished(*moved->job).state, store::JobState::succeeded);
  EXPECT_EQ(groups().at(0).name, "other");
}

TEST_F(Editing, a_new_server_may_begin_in_a_group) {
  panel.start();
  auto call = panel.call();
  NewServer wish;
  wish.name = "a";
  wish.image = "tiny-container";
  wish.plan = "tiny";
  wish.peer_group = "crew";
  auto const tenant = *access::grant_own_tenant(call, access::Permission::server_create);
  auto const tried = check_new_server(call, tenant, wish);
  ASSERT_TRUE(tried);
  EXPECT_EQ(tried->server.peer_group->name, "crew");
  EXPECT_TRUE(groups().empty()) << "a dry run makes nothing";
  auto const created = create_server(call, tenant, wish);
  ASSERT_TRUE(created);
  EXPECT_EQ(panel.finished(created->job).state, store::JobState::succeeded);
  EXPECT_EQ(groups().at(0).members.at(0).server, created->server);
  wish.name = "b";
  wish.peer_group = "";
  EXPECT_EQ(create_server(call, tenant, wish).error().fields.at(0).pointer, "/peer_group");
}

}  // namespace
}  // namespace berth::compute
