// From an HTTP request to the answer, on a real database and the engine in memory.
#include "firmware/api/dispatcher.hpp"

#include <gtest/gtest.h>

#include "drivers/fake/fake_engine.hpp"
#include "firmware/api/console_pump.hpp"
#include "firmware/base/random.hpp"
#include "firmware/services/accounts/setup.hpp"
#include "tests/support/world.hpp"

namespace berth::api {
namespace {

constexpr uid_t own_uid = 4242;

class Door : public ::testing::Test {
 protected:
  support::World world;
  SystemClock clock;
  services::Settings settings;
  accounts::Doorkeeper doorkeeper{clock};
  events::EventHub events{world.store()};
  std::unique_ptr<contract::Engine> engine = fake::FakeEngine::open({}).value();
  std::unique_ptr<ConsolePump> consoles = ConsolePump::start().value();
  AnswerMemo memo;
  std::unique_ptr<jobs::MachineFiles> files = jobs::MachineFiles::open(world.folder() / "machine").value();
  Panel panel{world.store(), clock, settings, doorkeeper, events, *engine, *consoles, memo, *files, own_uid, "test"};
  Dispatcher door{panel, [](http::Request const&) { return std::optional<http::Response>(); }};
  std::string token, csrf;

  void SetUp() override {
    auto local = services::Call(world.store(), access::Actor::local_administrator(0), clock.now(), settings);
    auto const code = accounts::issue_setup_code(local).value();
    auto call = services::Call(world.store(), access::Actor::nobody(), clock.now(), settings);
    auto const entry =
        accounts::set_up(call, doorkeeper, {code, "maria", "a quiet harbour at night", std::nullopt, std::nullopt}, {});
    ASSERT_TRUE(entry) << describe(entry.error());
    token = entry->session.token;
    csrf = entry->session.csrf_token;
  }

  http::Request request(Method method, std::string path, std::string body = "") {
    http::Request r;
    r.method = method;
    auto const mark = path.find('?');
    r.path = "/api/v1" + path.substr(0, mark);
    if (mark != std::string::npos) r.query = path.substr(mark + 1);
    r.host = "panel.example:8443";
    r.peer.ip = "192.0.2.1";
    r.secure = true;
    r.headers.add("Cookie", std::string(session_cookie) + "=" + token);
    if (method != Method::get) r.headers.add("X-Berth-CSRF", csrf);
    if (!body.empty()) r.headers.add("Content-Type", "application/json");
    r.body = std::move(body);
    return r;
  }
  http::Response ask(http::Request const& r) { return door.handle(r); }
  http::Response ask(Method method, std::string path, std::string body = "") {
    return ask(request(method, std::move(path), std::move(body)));
  }
  std::string wish(std::string name = "web-1") {
    return R"({"name":")" + name + R"(","image":")" + world.image(store::ServerKind::container).id.str() +
           R"(","plan":"tiny"})";
  }
  std::size_t servers() {
    return world.store()
        .read([](store::Snapshot& s) {
          return s.servers.page(store::TenantScope::all_tenants_for_staff(), {.limit = 100, .after = ""});
        })
        ->items.size();
  }
};

std::string slug(http::Response const& response) {
  auto const problem = parse_json(response.body);
  return problem && problem->is_object() && problem->get_object().contains("type")
             ? std::string(problem->at("type").as_string())
             : "";
}

TEST_F(Door, without_a_session_everything_but_the_public_is_401) {
  for (auto const& route : routes()) {
    if (route.rule.kind() == Rule::Kind::open) continue;
    auto r = request(route.method, std::string(route.path), "{}");
    r.headers.set("Cookie", "");
    EXPECT_EQ(ask(r).status, 401) << route.path;
    r.headers.set("Cookie", std::string(session_cookie) + "=forged");
    EXPECT_EQ(ask(r).status, 401) << route.path;
  }
}

TEST_F(Door, what_changes_something_needs_this_sessions_csrf_token) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.set("X-Berth-CSRF", "");
  EXPECT_EQ(slug(ask(r)), "/problems/csrf");
  r.headers.set("X-Berth-CSRF", std::string(csrf.size(), 'a'));
  EXPECT_EQ(slug(ask(r)), "/problems/csrf");
  r.headers.set("X-Berth-CSRF", csrf);
  r.headers.add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(slug(ask(r)), "/problems/csrf");
  EXPECT_EQ(servers(), 0U);
}

TEST_F(Door, the_local_socket_knows_its_peer) {
  auto r = request(Method::get, "/me");
  r.headers.set("Cookie", "");
  r.local_peer = http::PeerCredentials{own_uid, 1, 1};
  EXPECT_EQ(ask(r).status, 200);
  r.local_peer = http::PeerCredentials{0, 0, 1};
  EXPECT_EQ(ask(r).status, 200);
  r.local_peer = http::PeerCredentials{own_uid + 1, 1, 1};
  EXPECT_EQ(ask(r).status, 401) << "another user of this machine is nobody";
}

TEST_F(Door, a_body_is_json_and_says_so) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(ask(r).status, 415);
  EXPECT_EQ(ask(Method::post, "/servers", "{").status, 400);
  EXPECT_EQ(ask(Method::post, "/servers", R"({"name":1,"nmae":"x"})").status, 422);
  EXPECT_EQ(servers(), 0U);
}

TEST_F(Door, a_page_links_to_the_next_one) {
  for (int i = 0; i < 3; ++i) world.add_server("web-" + std::to_string(i));
  auto const first = ask(Method::get, "/servers?limit=2");
  ASSERT_EQ(first.status, 200) << first.body;
  auto const link = first.headers.find("Link");
  ASSERT_TRUE(link);
  auto const list = parse_json(first.body).value();
  auto const cursor = std::string(list.at("next_cursor").as_string());
  EXPECT_EQ(*link, "</api/v1/servers?limit=2&cursor=" + cursor + ">; rel=\"next\"");
  auto const second = ask(Method::get, "/servers?limit=2&cursor=" + cursor);
  EXPECT_EQ(parse_json(second.body)->at("items").as_array().size(), 1U);
  EXPECT_FALSE(second.headers.find("Link"));
}

TEST_F(Door, an_edit_needs_the_version_that_was_read) {
  auto const id = world.add_server("web-1").str();
  auto const shown = ask(Method::get, "/servers/" + id);
  ASSERT_EQ(shown.status, 200) << shown.body;
  auto const tag = std::string(shown.headers.find("ETag").value());
  EXPECT_EQ(ask(Method::patch, "/servers/" + id, R"({"name":"web-2"})").status, 428);
  auto r = request(Method::patch, "/servers/" + id, R"({"name":"web-2"})");
  r.headers.add("If-Match", tag);
  auto const edited = ask(r);
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_NE(edited.headers.find("ETag"), tag);
  EXPECT_EQ(ask(r).status, 412) << "somebody edited it meanwhile";
  r.headers.set("If-Match", "\"nonsense\"");
  EXPECT_EQ(ask(r).status, 412);
}

TEST_F(Door, an_idempotency_key_acts_once) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.add("Idempotency-Key", "order-1");
  auto const first = ask(r);
  ASSERT_EQ(first.status, 202) << first.body;
  auto const again = ask(r);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.find("Location"), first.headers.find("Location"));
  EXPECT_EQ(servers(), 1U);
  auto other = request(Method::post, "/servers", wish("web-2"));
  other.headers.add("Idempotency-Key", "order-1");
  EXPECT_EQ(slug(ask(other)), "/problems/idempotency-key-reused");
  EXPECT_EQ(servers(), 1U);
}

TEST_F(Door, an_act_whose_answer_was_lost_is_not_done_again) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.add("Idempotency-Key", "order-1");
  auto const first = ask(r);
  ASSERT_EQ(first.status, 202) << first.body;
  auto const location = std::string(first.headers.find("Location").value());
  // As a process leaves it that is killed between the commit and the answer.
  auto const user = world.store().read([](store::Snapshot& s) { return s.users.find_by_name("maria"); })->id.str();
  ASSERT_TRUE(world.store().write(world.author(), [&](store::Transaction& tx) {
    return tx.idempotency.answer("user:" + user, "POST /api/v1/servers", "order-1", 202, location, "");
  }));
  ASSERT_TRUE(
      world.store().write(world.author(), [](store::Transaction& tx) { return tx.idempotency.remove_unanswered(); }));
  auto const again = ask(r);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.headers.find("Location"), location);
  EXPECT_EQ(parse_json(again.body)->at("job").at("id"), parse_json(first.body)->at("job").at("id"));
  EXPECT_EQ(parse_json(again.body)->at("server").at("name").as_string(), "web-1");
  EXPECT_EQ(servers(), 1U);
}

TEST_F(Door, the_key_is_kept_by_the_same_commit_as_the_server) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.add("Idempotency-Key", "order-1");
  std::vector<std::string> kept;
  world.store().after_commit([&](store::Committed const& committed) {
    if (committed.jobs.empty()) return;
    auto const user = world.store().read([](store::Snapshot& s) { return s.users.find_by_name("maria"); })->id.str();
    auto const found = world.store().read(
        [&](store::Snapshot& s) { return s.idempotency.find("user:" + user, "POST /api/v1/servers", "order-1"); });
    kept.push_back(found && *found ? (*found)->location : "nothing");
  });
  auto const first = ask(r);
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(kept, std::vector<std::string>{std::string(first.headers.find("Location").value())});
}

TEST_F(Door, a_refused_request_gives_its_key_back) {
  auto r = request(Method::post, "/servers", R"({"name":"","image":"x","plan":"y"})");
  r.headers.add("Idempotency-Key", "order-1");
  EXPECT_EQ(ask(r).status, 422);
  auto mended = request(Method::post, "/servers", wish());
  mended.headers.add("Idempotency-Key", "order-1");
  EXPECT_EQ(ask(mended).status, 202);
}

TEST_F(Door, a_key_under_way_is_409) {
  auto r = request(Method::post, "/servers", wish());
  r.headers.add("Idempotency-Key", "order-1");
  auto const user = world.store().read([](store::Snapshot& s) { return s.users.find_by_name("maria"); })->id.str();
  ASSERT_TRUE(world.store().write(world.author(), [&](store::Transaction& tx) {
    return tx.idempotency.claim("user:" + user, "POST /api/v1/servers", "order-1", sha256_hex(r.body));
  }));
  EXPECT_EQ(slug(ask(r)), "/problems/request-under-way");
  EXPECT_EQ(servers(), 0U);
}

TEST_F(Door, sign_out_takes_the_cookie_away) {
  auto const out = ask(Method::delete_, "/sessions/current");
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.headers.find("Set-Cookie")->find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(ask(Method::get, "/me").status, 401);
}

TEST_F(Door, sign_in_sets_a_cookie_that_no_script_reads) {
  auto r = request(Method::post, "/sessions", R"({"name":"maria","password":"a quiet harbour at night"})");
  auto const in = ask(r);
  ASSERT_EQ(in.status, 201) << in.body;
  auto const cookie = std::string(in.headers.find("Set-Cookie").value());
  for (auto const* part :
       {"__Host-berth_session=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=604800"})
    EXPECT_NE(cookie.find(part), std::string::npos) << cookie;
}

TEST_F(Door, addresses_that_lead_nowhere) {
  http::Request r = request(Method::get, "/nothing");
  EXPECT_EQ(ask(r).status, 404);
  r.path = "/api";
  EXPECT_EQ(ask(r).status, 404);
  r.path = "/api/v2/servers";
  EXPECT_EQ(ask(r).status, 404);
  auto const wrong = ask(Method::put, "/servers", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.find("Allow"), "GET, POST");
  r.path = "/api/openapi.json";
  EXPECT_EQ(ask(r).status, 200);
}

}  // namespace
}  // namespace berth::api
