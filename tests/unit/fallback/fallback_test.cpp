#include <gtest/gtest.h>

#include "firmware/fallback/page.hpp"
#include "firmware/fallback/reason.hpp"

namespace berth::fallback {
namespace {

TEST(Fallback, every_request_gets_the_page_and_a_time_to_come_back) {
  Page page("It ended with exit code 1.");
  for (auto const method : {http::Method::get, http::Method::post, http::Method::delete_}) {
    http::Request request;
    request.method = method;
    request.path = "/api/v1/users";
    auto const response = page.handle(request);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.find("Retry-After"), "60");
    EXPECT_TRUE(response.static_body.contains("exit code 1."));
  }
}

TEST(Fallback, a_reason_is_text_and_no_markup) {
  auto const text = page("<script>alert(1)</script> & \"more\"");
  EXPECT_FALSE(text.contains("<script>"));
  EXPECT_TRUE(text.contains("&lt;script&gt;"));
}

// Titles of what the console's repair menu offers (firmware/console/console.cpp).
TEST(Fallback, the_page_names_what_the_console_offers_for_repair) {
  auto const text = page("");
  for (auto const* title : {"Logs", "Restart, power off, rescue", "Releases", "Support bundle"})
    EXPECT_TRUE(text.contains(std::string("<li>") + title)) << title;
}

TEST(Fallback, the_reason_says_how_it_ended) {
  EXPECT_EQ(reason("Result=exit-code\nExecMainCode=1\nExecMainStatus=1\n", "berthd: corrupt: no\nsecond line"),
            "It ended with exit code 1. Its last words: berthd: corrupt: no");
  EXPECT_EQ(reason("Result=start-limit-hit\nExecMainCode=2\nExecMainStatus=11\n", ""), "It was ended by signal 11.");
  EXPECT_EQ(reason("Result=timeout\n", ""), "It did not come up in time.");
  EXPECT_EQ(reason("", ""), "The service manager does not say.");
}

TEST(Fallback, last_words_are_short_and_plain) {
  auto const text = reason("Result=exit-code\nExecMainStatus=1\n", "\x1b[2J" + std::string(500, 'x'));
  EXPECT_LT(text.size(), 300u);
  EXPECT_FALSE(text.contains('\x1b'));
}

}  // namespace
}  // namespace berth::fallback
