// Set-up, sign-in, sessions and passwords, on a real database.
#include <gtest/gtest.h>

#include "firmware/base/random.hpp"
#include "firmware/services/accounts/password_change.hpp"
#include "firmware/services/accounts/setup.hpp"
#include "tests/support/world.hpp"

namespace berth::accounts {
namespace {

class HeldClock final : public Clock {
 public:
  Moment now() const override { return now_; }
  std::chrono::steady_clock::time_point steady() const override { return steady_; }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    steady_ += time;
  }

 private:
  Moment now_ = from_ms(1'000'000'000'000);
  std::chrono::steady_clock::time_point steady_{std::chrono::hours{1}};
};

constexpr char good_password[] = "a quiet harbour at night";

class Accounts : public ::testing::Test {
 protected:
  support::World world;
  HeldClock clock;
  services::Settings settings;
  Doorkeeper doorkeeper{clock};
  Client client{"192.0.2.1", "test", ""};

  Call call(access::Actor actor = access::Actor::nobody()) {
    return {world.store(), std::move(actor), clock.now(), settings};
  }
  std::string code() {
    auto local = call(access::Actor::local_administrator(0));
    return issue_setup_code(local).value();
  }
  Result<Entry> set_up_with(std::string typed, std::string password = good_password) {
    auto c = call();
    return set_up(c, doorkeeper, {std::move(typed), "maria", std::move(password), std::nullopt, std::nullopt}, client);
  }
  Result<Entry> sign_in_as(std::string_view name, std::string_view password, Client from = {"192.0.2.1", "test", ""}) {
    auto c = call();
    return sign_in(c, doorkeeper, name, password, from);
  }
  Result<Authenticated> who(std::string_view token) { return authenticate(world.store(), token, clock.now()); }
};

TEST_F(Accounts, the_setup_code_makes_one_administrator_once) {
  EXPECT_EQ(setup_needed(world.store()), true);
  auto const printed = code();
  ASSERT_EQ(printed.size(), 14U);
  auto const entry = set_up_with(printed);
  ASSERT_TRUE(entry) << describe(entry.error());
  EXPECT_EQ(entry->user.role, store::UserRole::superadmin);
  EXPECT_EQ(setup_needed(world.store()), false);
  ASSERT_TRUE(who(entry->session.token));
  EXPECT_TRUE(who(entry->session.token)->actor.may(access::Permission::system_manage));
  EXPECT_EQ(set_up_with(printed).error().slug, "already-set-up");
  auto local = call(access::Actor::local_administrator(0));
  EXPECT_EQ(issue_setup_code(local).error().slug, "already-set-up");
}

TEST_F(Accounts, the_setup_code_may_be_typed_as_people_type) {
  auto typed = code();
  for (char& c : typed) c = static_cast<char>(std::tolower(c));
  std::erase(typed, '-');
  typed.insert(3, "  ");
  EXPECT_TRUE(set_up_with(typed));
  EXPECT_EQ(normalized_setup_code("oil-OIL"), "011011");
}

TEST_F(Accounts, a_wrong_or_former_setup_code_makes_nobody) {
  auto const former = code();
  auto const current = code();
  EXPECT_EQ(set_up_with(former).error().slug, "wrong-setup-code");
  EXPECT_EQ(set_up_with("").error().slug, "wrong-setup-code");
  EXPECT_EQ(setup_needed(world.store()), true);
  auto const weak = set_up_with(current, "password123");
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().fields.at(0).pointer, "/password");
  EXPECT_TRUE(set_up_with(current)) << "a refused password does not use the code up";
}

TEST_F(Accounts, guessing_setup_codes_is_slowed_down) {
  auto const right = code();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(set_up_with("AAAA-AAAA-AAAA").error().slug, "wrong-setup-code");
  EXPECT_EQ(set_up_with(right).error().code, ErrorCode::rate_limited);
  clock.pass(std::chrono::minutes{15});
  EXPECT_TRUE(set_up_with(right));
}

TEST_F(Accounts, sign_in_tells_nothing_about_who_exists) {
  ASSERT_TRUE(set_up_with(code()));
  auto const unknown = sign_in_as("nobody", good_password);
  auto const wrong = sign_in_as("maria", "not the password");
  ASSERT_FALSE(unknown);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(describe(unknown.error()), describe(wrong.error()));
  EXPECT_TRUE(sign_in_as("MARIA", good_password)) << "names do not regard case";
}

TEST_F(Accounts, five_wrong_passwords_from_one_address_close_its_door_for_a_while) {
  ASSERT_TRUE(set_up_with(code()));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in_as("maria", "not the password").error().slug, "wrong-credentials");
  auto const right = sign_in_as("maria", good_password);
  ASSERT_FALSE(right);
  EXPECT_EQ(right.error().code, ErrorCode::rate_limited);
  EXPECT_GT(right.error().retry_after_s, 0);
  EXPECT_TRUE(sign_in_as("maria", good_password, {"198.51.100.1", "test", ""})) << "she is not locked out elsewhere";
  clock.pass(std::chrono::minutes{15});
  EXPECT_TRUE(sign_in_as("maria", good_password));
}

TEST_F(Accounts, one_name_is_guarded_against_many_addresses) {
  ASSERT_TRUE(set_up_with(code()));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(sign_in_as("maria", "not the password", {"10.0.0." + std::to_string(i), "", ""}).error().slug,
              "wrong-credentials");
  EXPECT_EQ(sign_in_as("maria", good_password, {"10.0.1.1", "", ""}).error().code, ErrorCode::rate_limited);
}

TEST_F(Accounts, strangers_with_many_addresses_do_not_lock_a_person_out_where_she_signed_in_before) {
  ASSERT_TRUE(set_up_with(code()));
  Client const home{"2001:db8:1:2::3", "", ""};
  ASSERT_TRUE(sign_in_as("maria", good_password, home));
  for (int i = 0; i < 20; ++i) (void)sign_in_as("maria", "not the password", {"10.0.0." + std::to_string(i), "", ""});
  ASSERT_EQ(sign_in_as("maria", good_password, {"10.0.1.1", "", ""}).error().code, ErrorCode::rate_limited);
  EXPECT_TRUE(sign_in_as("maria", good_password, home));
  EXPECT_EQ(sign_in_as("maria", good_password, {"10.0.1.1", "", ""}).error().code, ErrorCode::rate_limited);
  // Guessing from there is braked by the address as from anywhere.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in_as("maria", "wrong", home).error().slug, "wrong-credentials");
  EXPECT_EQ(sign_in_as("maria", good_password, home).error().code, ErrorCode::rate_limited);
}

TEST_F(Accounts, every_sign_in_makes_a_new_session_and_ends_the_one_it_came_with) {
  auto const first = set_up_with(code()).value();
  auto const again = sign_in_as("maria", good_password, {"192.0.2.1", "test", first.session.token}).value();
  EXPECT_NE(again.session.token, first.session.token);
  EXPECT_FALSE(who(first.session.token));
  EXPECT_TRUE(who(again.session.token));
  auto const planted = sign_in_as("maria", good_password, {"192.0.2.1", "test", "planted-by-somebody"}).value();
  EXPECT_NE(planted.session.token, "planted-by-somebody");
  EXPECT_FALSE(who("planted-by-somebody"));
}

TEST_F(Accounts, sessions_end_by_idleness_and_by_age) {
  auto const token = set_up_with(code()).value().session.token;
  clock.pass(session_idle_max - std::chrono::minutes{1});
  EXPECT_TRUE(who(token));
  clock.pass(session_idle_max - std::chrono::minutes{1});
  EXPECT_TRUE(who(token)) << "use keeps it alive";
  clock.pass(session_idle_max);
  EXPECT_EQ(who(token).error().code, ErrorCode::unauthenticated);

  auto const used = sign_in_as("maria", good_password).value().session.token;
  for (auto age = std::chrono::hours{0}; age + std::chrono::hours{6} < session_age_max; age += std::chrono::hours{6}) {
    EXPECT_TRUE(who(used));
    clock.pass(std::chrono::hours{6});
  }
  clock.pass(std::chrono::hours{6});
  EXPECT_FALSE(who(used)) << "no use makes it older than its age limit";
}

TEST_F(Accounts, looking_often_writes_seldom) {
  auto const token = set_up_with(code()).value().session.token;
  auto const seen = [&] {
    return world.store()
        .read([&](store::Snapshot& s) { return s.sessions.find_by_token(sha256_hex(token)); })
        ->last_seen_at;
  };
  auto const first = seen();
  clock.pass(std::chrono::seconds{30});
  ASSERT_TRUE(who(token));
  EXPECT_EQ(seen(), first);
  clock.pass(std::chrono::seconds{31});
  ASSERT_TRUE(who(token));
  EXPECT_EQ(seen(), clock.now());
}

TEST_F(Accounts, a_revoked_session_is_gone_and_only_its_owner_can_revoke_it) {
  auto const one = set_up_with(code()).value();
  auto const two = sign_in_as("maria", good_password).value();
  auto mine = call(who(one.session.token)->actor);
  auto const other = who(two.session.token)->actor.session_id().value();
  EXPECT_EQ(list_sessions(mine)->size(), 2U);

  store::User stranger;
  stranger.id = UserId::fresh();
  stranger.name = "otto";
  stranger.password_hash = doorkeeper.hasher.hash(good_password).value();
  ASSERT_TRUE(world.store().write(world.author(), [&](store::Transaction& tx) { return tx.users.add(stranger); }));
  auto theirs = call(who(sign_in_as("otto", good_password)->session.token)->actor);
  EXPECT_EQ(revoke_session(theirs, other).error().code, ErrorCode::not_found);
  EXPECT_TRUE(who(two.session.token));

  EXPECT_TRUE(revoke_session(mine, other));
  EXPECT_FALSE(who(two.session.token));
  EXPECT_FALSE(actor_of_session(world.store(), other, clock.now()));
  EXPECT_TRUE(sign_out(mine));
  EXPECT_FALSE(who(one.session.token));
}

TEST_F(Accounts, a_disabled_user_is_out_at_once) {
  auto const entry = set_up_with(code()).value();
  ASSERT_TRUE(world.store().write(world.author(),
                                  [&](store::Transaction& tx) { return tx.users.set_disabled(entry.user.id, true); }));
  EXPECT_FALSE(who(entry.session.token));
  EXPECT_EQ(sign_in_as("maria", good_password).error().slug, "wrong-credentials");
}

TEST_F(Accounts, a_changed_password_ends_the_other_sessions) {
  auto const here = set_up_with(code()).value();
  auto const there = sign_in_as("maria", good_password).value();
  auto mine = call(who(here.session.token)->actor);
  EXPECT_EQ(change_password(mine, doorkeeper, "wrong", "another long passphrase").error().fields.at(0).pointer,
            "/current_password");
  EXPECT_EQ(change_password(mine, doorkeeper, good_password, "short").error().fields.at(0).pointer, "/new_password");
  ASSERT_TRUE(change_password(mine, doorkeeper, good_password, "another long passphrase"));
  EXPECT_TRUE(who(here.session.token));
  EXPECT_FALSE(who(there.session.token));
  EXPECT_FALSE(sign_in_as("maria", good_password));
  EXPECT_TRUE(sign_in_as("maria", "another long passphrase"));
}

TEST_F(Accounts, a_reset_gives_a_new_password_and_ends_every_session) {
  auto const entry = set_up_with(code()).value();
  auto local = call(access::Actor::local_administrator(0));
  auto const user = access::grant_user(local, entry.user.id, access::Permission::user_manage);
  ASSERT_TRUE(user);
  auto const password = reset_password(local, doorkeeper, *user);
  ASSERT_TRUE(password);
  EXPECT_FALSE(who(entry.session.token));
  EXPECT_TRUE(sign_in_as("maria", *password));
}

TEST_F(Accounts, the_csrf_token_belongs_to_one_session) {
  auto const one = set_up_with(code()).value();
  auto const two = sign_in_as("maria", good_password).value();
  EXPECT_EQ(who(one.session.token)->csrf_token, one.session.csrf_token);
  EXPECT_NE(one.session.csrf_token, two.session.csrf_token);
}

TEST_F(Accounts, no_secret_is_stored_in_the_clear) {
  auto const printed = code();
  auto const entry = set_up_with(printed).value();
  auto const kept =
      world.store().read([&](store::Snapshot& s) { return s.sessions.of_user(entry.user.id); }).value().at(0);
  EXPECT_EQ(kept.token_sha256, sha256_hex(entry.session.token));
  EXPECT_EQ(kept.csrf_sha256.find(entry.session.csrf_token), std::string::npos);
}

}  // namespace
}  // namespace berth::accounts
