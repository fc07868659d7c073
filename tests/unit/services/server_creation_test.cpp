#include "firmware/services/compute/server_creation.hpp"

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "firmware/services/compute/password_crypt.hpp"
#include "firmware/services/compute/server_listing.hpp"
#include "tests/support/panel.hpp"

namespace berth::compute {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char good_key[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl anna@example.net";

class Creating : public ::testing::Test {
 protected:
  support::Panel panel;

  NewServer wish() {
    NewServer w;
    w.name = "web";
    w.image = "tiny-container";
    w.plan = "tiny";
    return w;
  }
  Result<CreatedServer> create(NewServer const& w) {
    auto call = panel.call();
    return create_server(call, TRY(access::grant_own_tenant(call, access::Permission::server_create)), w);
  }
  Result<ServerView> check(NewServer const& w) {
    auto call = panel.call();
    return check_new_server(call, TRY(access::grant_own_tenant(call, access::Permission::server_create)), w);
  }
  std::vector<std::string> pointers(Result<CreatedServer> const& made) {
    std::vector<std::string> all;
    if (!made)
      for (auto const& field : made.error().fields) all.push_back(field.pointer);
    return all;
  }
  void expect_nothing() {
    auto const servers =
        panel.world.store().read([&](store::Snapshot& s) { return s.servers.on_node(panel.world.node()); });
    EXPECT_TRUE(servers->empty());
    EXPECT_TRUE(panel.events().empty());
    EXPECT_TRUE(panel.world.store().read([](store::Snapshot& s) { return s.jobs.unfinished(); })->empty());
  }
};

TEST_F(Creating, takes_everything_in_one_transaction) {
  auto const made = create(wish());
  ASSERT_TRUE(made) << describe(made.error());
  auto const job = panel.job(made->job);
  EXPECT_EQ(job.type, "server.create");
  EXPECT_EQ(job.server, made->server);
  EXPECT_EQ(job.actor, "local:0");
  EXPECT_EQ(panel.count_events("server.created"), 1);
  auto call = panel.call();
  auto const view = view_server(call, *access::grant_server(call, made->server, access::Permission::server_view));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->state, ServerState::creating);
  EXPECT_EQ(view->address, "10.77.0.2");
  EXPECT_EQ(view->job, made->job);
  EXPECT_EQ(view->server.hostname, "web");
  EXPECT_TRUE(contract::is_mac(view->server.mac));
}

TEST_F(Creating, image_and_plan_may_be_named_by_id) {
  auto w = wish();
  w.image = panel.world.image(store::ServerKind::vm).id.str();
  w.plan = panel.world.plan().id.str();
  EXPECT_TRUE(create(w));
}

TEST_F(Creating, every_bad_field_is_named_and_nothing_happens) {
  auto w = wish();
  w.name = "two\nlines";
  w.image = "windows-3.11";
  w.plan = "huge";
  w.hostname = "-x-";
  w.ssh_keys = {good_key, "ssh-rsa nonsense"};
  w.password = "short";
  auto const made = create(w);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(pointers(made),
              UnorderedElementsAre("/name", "/image", "/plan", "/hostname", "/ssh_keys/1", "/password"));
  expect_nothing();
}

TEST_F(Creating, control_characters_never_get_into_a_name) {
  for (auto const& name : {std::string("a\rb"), std::string("a\0b", 3), std::string("a\x1b[2J"), std::string(""),
                           std::string(64, 'x'), std::string(" a"), std::string("\xff\xfe"), std::string("a\u2028b")}) {
    auto w = wish();
    w.name = name;
    EXPECT_THAT(pointers(create(w)), Contains("/name"));
  }
  expect_nothing();
}

TEST_F(Creating, a_name_is_taken_once) {
  ASSERT_TRUE(create(wish()));
  auto const again = create(wish());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(again.error().slug, "server-name-taken");
}

TEST_F(Creating, an_image_that_is_not_ready_is_refused) {
  ASSERT_TRUE(panel.world.store().write(panel.world.author(), [&](store::Transaction& tx) {
    return tx.images.set_state(panel.world.image(store::ServerKind::container).id, store::ImageState::importing, "");
  }));
  EXPECT_THAT(pointers(create(wish())), Contains("/image"));
  expect_nothing();
}

TEST_F(Creating, a_dry_run_checks_everything_and_writes_nothing) {
  auto const view = check(wish());
  ASSERT_TRUE(view) << describe(view.error());
  EXPECT_EQ(view->address, "10.77.0.2");
  expect_nothing();
  auto w = wish();
  w.plan = "huge";
  EXPECT_FALSE(check(w));
  ASSERT_TRUE(create(wish()));
  EXPECT_EQ(check(wish()).error().slug, "server-name-taken");
}

TEST_F(Creating, a_password_is_kept_only_as_a_hash_that_fits) {
  auto w = wish();
  w.password = "correct horse battery staple";
  auto const made = create(w);
  ASSERT_TRUE(made);
  auto const server = panel.world.store().read(
      [&](store::Snapshot& s) { return s.servers.get(made->server, store::TenantScope::all_tenants_for_staff()); });
  ASSERT_TRUE(server->seed.password_crypt);
  auto const& hash = *server->seed.password_crypt;
  EXPECT_TRUE(hash.starts_with("$6$"));
  crypt_data state{};
  EXPECT_EQ(crypt_rn(w.password->c_str(), hash.c_str(), &state, sizeof state), hash);
  EXPECT_NE(*crypt_password("same"), *crypt_password("same")) << "a fresh salt each time";
}

TEST(Fits, names_what_is_too_large_or_too_small) {
  store::Plan plan{PlanId::fresh(), "p", std::nullopt, 2, Bytes{1 * gib}, Bytes{10 * gib}};
  store::Image image;
  image.min_disk = Bytes{1 * gib};
  image.min_memory = Bytes{256 * mib};
  store::NodeFacts machine;
  machine.cpus = 4;
  machine.memory_bytes = 8 * gib;
  machine.storage_bytes = 100 * gib;
  EXPECT_THAT(why_not_fits(plan, image, machine), IsEmpty());
  auto with = [&](auto change) {
    auto p = plan;
    change(p);
    return why_not_fits(p, image, machine).size();
  };
  EXPECT_EQ(with([](auto& p) { p.vcpus = 4; }), 0u) << "as large as the machine is not larger";
  EXPECT_EQ(with([](auto& p) { p.vcpus = 5; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.memory = Bytes{8 * gib + 1}; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.disk = Bytes{101 * gib}; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.memory = Bytes{255 * mib}; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.disk = Bytes{1 * gib - 1}; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.kind = store::ServerKind::container; }), 1u);
  EXPECT_EQ(with([](auto& p) { p.kind = store::ServerKind::vm; }), 0u);
}

TEST(Hostname, is_a_label_whatever_the_name) {
  EXPECT_EQ(hostname_from("Web 1"), "web-1");
  EXPECT_EQ(hostname_from("--a--b--"), "a-b");
  EXPECT_EQ(hostname_from("日本"), "server");
  EXPECT_TRUE(rc::check("always acceptable",
                        [](std::string const& name) { RC_ASSERT(contract::is_hostname(hostname_from(name))); }));
}

TEST(SshKey, is_known_by_its_type_and_blob) {
  EXPECT_TRUE(is_ssh_public_key(good_key));
  EXPECT_TRUE(is_ssh_public_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"));
  for (auto const* text :
       {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAAA",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        "command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        "ssh-ed25519 !!!!C3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"})
    EXPECT_FALSE(is_ssh_public_key(text)) << text;
  EXPECT_TRUE(
      rc::check("does not crash", [](std::string const& text) { (void)is_ssh_public_key("ssh-ed25519 " + text); }));
}

TEST(Mac, is_local_and_differs) {
  EXPECT_TRUE(rc::check("acceptable to the engine", [] { RC_ASSERT(contract::is_mac(mac_of(ServerId::fresh()))); }));
}

}  // namespace
}  // namespace berth::compute
