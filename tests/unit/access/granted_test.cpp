// Who is given what: strangers learn nothing, members what their role allows, staff everything.
#include "firmware/access/granted.hpp"

#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace berth::access {
namespace {

// A Granted<T> comes from access/ alone.
static_assert(!std::is_constructible_v<Granted<store::Server>, store::Server, Permission>);
static_assert(!std::is_default_constructible_v<Granted<System>>);

class Granting : public ::testing::Test {
 protected:
  support::World world;
  ServerId server = world.add_server("web");

  Caller as(Actor actor) { return {world.store(), std::move(actor)}; }
  static Actor person(store::UserRole role, std::vector<store::Membership> memberships = {}) {
    store::User user;
    user.id = UserId::fresh();
    user.role = role;
    return Actor::user(user, std::move(memberships));
  }
  Actor member(store::MemberRole role) { return person(store::UserRole::member, {{world.tenant(), role}}); }
  Actor stranger() { return person(store::UserRole::member, {{TenantId::fresh(), store::MemberRole::owner}}); }
};

TEST_F(Granting, nobody_is_asked_to_sign_in) {
  EXPECT_EQ(grant_server(as(Actor::nobody()), server, Permission::server_view).error().code,
            ErrorCode::unauthenticated);
  EXPECT_EQ(grant_system(as(Actor::nobody()), Permission::plan_view).error().code, ErrorCode::unauthenticated);
  EXPECT_EQ(grant_reach(as(Actor::nobody()), Permission::server_view).error().code, ErrorCode::unauthenticated);
}

TEST_F(Granting, a_stranger_cannot_tell_the_server_from_one_that_is_not_there) {
  auto const theirs = grant_server(as(stranger()), server, Permission::server_view);
  auto const none = grant_server(as(stranger()), ServerId::fresh(), Permission::server_view);
  ASSERT_FALSE(theirs);
  ASSERT_FALSE(none);
  EXPECT_EQ(theirs.error().code, ErrorCode::not_found);
  EXPECT_EQ(theirs.error().slug, none.error().slug);
  EXPECT_EQ(theirs.error().message, none.error().message);
  auto const reach = grant_reach(as(stranger()), Permission::server_view);
  ASSERT_TRUE(reach);
  EXPECT_FALSE((*reach)->tenants.contains(world.tenant()));
}

TEST_F(Granting, roles_bound_what_members_may) {
  using enum Permission;
  struct Row {
    store::MemberRole role;
    Permission permission;
    bool may;
  };
  for (auto const& row :
       {Row{store::MemberRole::member, server_view, true}, Row{store::MemberRole::member, server_power, true},
        Row{store::MemberRole::member, server_delete, false}, Row{store::MemberRole::support, server_console, true},
        Row{store::MemberRole::support, server_edit, false}, Row{store::MemberRole::admin, server_delete, true},
        Row{store::MemberRole::owner, server_delete, true}}) {
    auto const granted = grant_server(as(member(row.role)), server, row.permission);
    EXPECT_EQ(granted.has_value(), row.may) << to_string(row.permission);
    if (granted) continue;
    EXPECT_EQ(granted.error().code, ErrorCode::forbidden) << "they see it, so it is no secret";
  }
}

TEST_F(Granting, members_hold_nothing_over_the_installation) {
  auto const owner = member(store::MemberRole::owner);
  EXPECT_FALSE(grant_system(as(owner), Permission::host_view));
  EXPECT_FALSE(grant_system(as(owner), Permission::user_manage));
  EXPECT_TRUE(grant_system(as(owner), Permission::plan_view));
  EXPECT_EQ(grant_user(as(owner), UserId::fresh(), Permission::user_manage).error().code, ErrorCode::not_found);
}

TEST_F(Granting, staff_and_the_local_administrator_may_everything) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Permission>>([&](auto d) {
    EXPECT_TRUE(grant_server(as(Actor::local_administrator(0)), server, d.value)) << d.name;
    EXPECT_TRUE(grant_server(as(person(store::UserRole::superadmin)), server, d.value)) << d.name;
  });
}

TEST_F(Granting, a_disabled_user_is_nobody) {
  store::User user;
  user.id = UserId::fresh();
  user.role = store::UserRole::superadmin;
  user.disabled = true;
  EXPECT_FALSE(Actor::user(user, {}).signed_in());
}

TEST_F(Granting, reconcilers_may_only_what_their_row_says) {
  EXPECT_TRUE(grant_system(as(Actor::reconciler("job-janitor")), Permission::system_manage));
  EXPECT_FALSE(grant_server(as(Actor::reconciler("job-janitor")), server, Permission::server_delete));
  EXPECT_FALSE(grant_system(as(Actor::reconciler("unheard-of")), Permission::system_manage));
}

TEST_F(Granting, jobs_of_the_installation_are_staffs_alone) {
  auto const job = world.store().write(world.author(), [](store::Transaction& tx) {
    return tx.jobs.add({"image.import", "Import", std::nullopt, std::nullopt, "{}", {"one"}});
  });
  ASSERT_TRUE(job);
  EXPECT_EQ(grant_job(as(member(store::MemberRole::owner)), *job, Permission::job_view).error().code,
            ErrorCode::not_found);
  EXPECT_TRUE(grant_job(as(person(store::UserRole::superadmin)), *job, Permission::job_view));
}

TEST_F(Granting, events_reach_only_those_they_concern) {
  auto const audience = grant_events(as(stranger()));
  ASSERT_TRUE(audience);
  EXPECT_FALSE((*audience)->tenants.all());
  EXPECT_FALSE((*audience)->tenants.contains(world.tenant()));
  EXPECT_TRUE((*grant_events(as(member(store::MemberRole::member))))->tenants.contains(world.tenant()));
}

}  // namespace
}  // namespace berth::access
