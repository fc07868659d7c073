// What travels: replies, errors, and that nothing malformed is taken for an answer.
#include "drivers/contract/wire.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "drivers/contract/worker_pool.hpp"
#include "firmware/base/json_reply.hpp"

namespace berth::contract {
namespace {

TEST(Replies, ComeBackAsTheyWereWritten) {
  GuestStatus status;
  status.guest = "0190f3c4-0000-7000-8000-0123456789ab";
  status.kind = GuestKind::container;
  status.state = GuestState::crashed;
  status.reason = "exited with 1\n\"\xe2\x82\xac\"";
  status.exit_code = -1;
  status.cpu_ns = 0xffff'ffff'ffff'ffffULL;  // beyond what a double or an int64 holds
  auto const value = to_json(wire::GuestsReply{{status, GuestStatus{}}});
  auto const through = wire::from_variant(wire::to_variant(value).value().get());
  ASSERT_TRUE(through);
  auto const back = from_reply<wire::GuestsReply>(*through);
  ASSERT_TRUE(back);
  EXPECT_EQ(json::serialize(to_json(*back)), json::serialize(value));
}

TEST(Replies, SayWhatDoesNotFit) {
  auto const bad = [](char const* text) {
    auto const reply = from_reply<wire::StatusReply>(parse_json(text).value());
    return reply ? std::string("fits") : reply.error().fields.front().pointer;
  };
  EXPECT_EQ(bad(R"({})"), "/status");
  EXPECT_EQ(bad(R"([])"), "");
  EXPECT_EQ(bad(R"({"status":{"guest":7}})"), "/status/guest");
  auto const with = [&](std::string const& change) {
    auto value = to_json(wire::StatusReply{}).as_object();
    auto const extra = parse_json(change).value().as_object();
    for (auto const& [key, item] : extra) value["status"].as_object()[key] = item;
    return bad(json::serialize(value).c_str());
  };
  EXPECT_EQ(with(R"({})"), "fits");
  EXPECT_EQ(with(R"({"new-in-a-later-engine":1})"), "fits");
  EXPECT_EQ(with(R"({"state":"melted"})"), "/status/state");
  EXPECT_EQ(with(R"({"cpu_ns":-1})"), "/status/cpu_ns");
  EXPECT_EQ(with(R"({"cpu_ns":1.5})"), "/status/cpu_ns");
  EXPECT_EQ(with(R"({"exit_code":3000000000})"), "/status/exit_code");
  EXPECT_EQ(with(R"({"exit_code":null})"), "fits");
}

TEST(Errors, KeepTheirCode) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    Error const sent{static_cast<ErrorCode>(i), "slug", "message", {{"/a", "b"}}, "context"};
    auto const got = wire::decode_error(wire::engine_failed, wire::encode_error(sent));
    EXPECT_EQ(got.code, sent.code);
    EXPECT_EQ(describe(got), describe(sent));
  }
}

TEST(Errors, OfTheServiceItselfAreUnderstood) {
  auto const bad = wire::decode_error("org.varlink.service.InvalidParameter", json::object{{"parameter", "mac"}});
  EXPECT_EQ(bad.code, ErrorCode::invalid_argument);
  EXPECT_EQ(bad.fields.at(0).pointer, "/mac");
  EXPECT_EQ(wire::decode_error("org.varlink.service.MethodNotFound", json::object{}).code, ErrorCode::unsupported);
  EXPECT_EQ(wire::decode_error("anything.else", nullptr).code, ErrorCode::internal);
  EXPECT_EQ(wire::decode_error(wire::engine_failed, json::object{{"code", 7}}).code, ErrorCode::internal);
}

TEST(WorkerPool, RunsSideBySideUpToItsBound) {
  WorkerPool pool(2, 1);
  std::promise<void> go;
  auto const may_go = go.get_future().share();
  std::atomic<int> begun = 0;
  std::atomic<int> done = 0;
  auto const work = [&] { ++begun, may_go.wait(), ++done; };
  ASSERT_TRUE(pool.submit(work));
  auto const until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  auto const await = [&](auto condition) {
    while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_TRUE(condition());
  };
  await([&] { return begun == 1; });
  ASSERT_TRUE(pool.submit(work));
  await([&] { return begun == 2; });
  ASSERT_TRUE(pool.submit(work)) << "one may wait";
  EXPECT_FALSE(pool.submit(work)) << "and no more than one";
  go.set_value();
  await([&] { return done == 3; });
}

}  // namespace
}  // namespace berth::contract
