#include "firmware/cli/client.hpp"

#include <gtest/gtest.h>

#include "firmware/cli/commands.hpp"
#include "firmware/cli/follow.hpp"

namespace berth::cli {
namespace {

TEST(ClientErrors, say_what_the_panel_said) {
  auto const error = error_of(
      422,
      R"({"type":"/problems/invalid-field","title":"t","status":422,"detail":"Some fields.","errors":[{"pointer":"/name","message":"is required"}]})");
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
  EXPECT_EQ(error.slug, "invalid-field");
  EXPECT_EQ(error.message, "Some fields.");
  ASSERT_EQ(error.fields.size(), 1U);
  EXPECT_EQ(error.fields[0].pointer, "/name");
  EXPECT_EQ(error_of(502, "<html>").message, "the panel answered 502");
  EXPECT_EQ(error_of(404, R"({"errors":"no list"})").code, ErrorCode::not_found);
}

TEST(ClientErrors, a_socket_that_is_not_there_is_told) {
  auto client = Client::make("/nonexistent/panel.sock");
  ASSERT_TRUE(client);
  auto const answer = client->get("/me");
  ASSERT_FALSE(answer);
  EXPECT_EQ(exit_code_of(answer.error()), exit_unreachable);
}

TEST(PercentEncoding, leaves_nothing_that_could_split_a_path) {
  EXPECT_EQ(percent_encode("a/b?c d\r\n"), "a%2Fb%3Fc%20d%0D%0A");
  EXPECT_EQ(percent_encode("srv_0-9.~"), "srv_0-9.~");
}

TEST(FollowedJob, tells_each_step_once_when_it_is_over) {
  auto const job = [](char const* text) { return parse_json(text)->as_object(); };
  auto const before =
      job(R"({"steps":[{"name":"make its disk","state":"done"},{"name":"start it","state":"running"}]})");
  auto const now = job(R"({"steps":[{"name":"make its disk","state":"undone"},{"name":"start it","state":"failed"}]})");
  EXPECT_EQ(news_of({}, before), (std::vector<std::string>{"[1/2] make its disk: done"}));
  EXPECT_EQ(news_of(before, now), (std::vector<std::string>{"[1/2] make its disk: undone", "[2/2] start it: failed"}));
  EXPECT_TRUE(news_of(now, now).empty());
}

}  // namespace
}  // namespace berth::cli
