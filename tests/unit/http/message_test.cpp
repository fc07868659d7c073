#include "firmware/http/message.hpp"

#include <gtest/gtest.h>

#include "firmware/http/request_reader.hpp"
#include "firmware/http/response_writer.hpp"
#include "firmware/http/utf8.hpp"

namespace berth::http {
namespace {

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"content-type", "b"}};
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.count("Content-type"), 2U);
  headers.set("content-TYPE", "c");
  EXPECT_EQ(headers.count("content-type"), 1U);
  EXPECT_FALSE(headers.find("Content-Typ"));
}

TEST(Query, DecodesTheFirstParameterOfAName) {
  EXPECT_EQ(query_parameter("a=1&b=x%20y+z&b=2", "b"), "x y z");
  EXPECT_EQ(query_parameter("a", "a"), "");
  EXPECT_EQ(query_parameter("%61=1", "a"), "1");
  EXPECT_FALSE(query_parameter("a=%4", "a"));
  EXPECT_FALSE(query_parameter("ab=1", "a"));
}

TEST(Cookie, IsBelievedOnlyWhenItIsAlone) {
  EXPECT_EQ(cookie({{"Cookie", "a=1; session=abc; b=2"}}, "session"), "abc");
  EXPECT_FALSE(cookie({{"Cookie", "session=abc; session=evil"}}, "session"));
  EXPECT_FALSE(cookie({{"Cookie", "xsession=abc"}}, "session"));
}

TEST(Host, IsANameAnAddressOrNothing) {
  for (auto const* good :
       {"panel.example.org", "panel.example.org:8443", "127.0.0.1:1", "[::1]:8443", "[2001:db8::1]", "localhost"})
    EXPECT_TRUE(is_valid_host(good)) << good;
  for (auto const* bad : {"", ":80", "a b", "a/b", "user@host", "a:b", "a:123456", "[::1", "[zz]", "[::1]x", ".a",
                          "a..b", "h\xc3\xb6st", "a,b"})
    EXPECT_FALSE(is_valid_host(bad)) << bad;
  EXPECT_EQ(host_without_port("[::1]:8443"), "[::1]");
  EXPECT_EQ(host_without_port("a:8443"), "a");
}

TEST(Upgrade, NeedsEverythingTheStandardAsks) {
  Request request;
  EXPECT_FALSE(websocket_upgrade_problem(request));
  request.headers = {{"Upgrade", "websocket"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Version", "13"}};
  EXPECT_EQ(websocket_upgrade_problem(request), 0);
  auto other = request;
  other.headers.set("Sec-WebSocket-Version", "8");
  EXPECT_EQ(websocket_upgrade_problem(other), 426);
  other = request;
  other.headers.set("Sec-WebSocket-Key", "short==");
  EXPECT_EQ(websocket_upgrade_problem(other), 400);
  other = request;
  other.method = Method::post;
  EXPECT_EQ(websocket_upgrade_problem(other), 400);
}

TEST(Utf8, IsReadStrictly) {
  for (auto const* good : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x9a\xa2", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (auto const* bad : {"\x80", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                          "\xe2\x82", "\xc3("})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Response, CarriesNoLineBreakIntoTheProtocol) {
  for (auto const* value : {"a\r\nSet-Cookie: x=1", "a\nb", "a\rb"}) {
    auto response = Response::text(200, "x");
    response.headers.add("X-Name", value);
    EXPECT_FALSE(is_safe(response)) << value;
  }
  auto response = Response::text(200, "x");
  response.headers.add("X Name", "v");
  EXPECT_FALSE(is_safe(response));
  response = Response::text(200, "x");
  response.headers.add("X-Nul", std::string("a\0b", 3));
  EXPECT_FALSE(is_safe(response));
  EXPECT_TRUE(is_safe(Response::text(200, "x")));
}

TEST(Response, TellsItsOwnLengthAndNobodyElses) {
  auto response = Response::text(200, "hello");
  response.headers.add("Content-Length", "999");
  response.headers.add("Transfer-Encoding", "chunked");
  auto const head = serialize_head(response, {});
  EXPECT_TRUE(head.contains("\r\nContent-Length: 5\r\n"));
  EXPECT_FALSE(head.contains("999"));
  EXPECT_FALSE(head.contains("chunked"));
  EXPECT_TRUE(body_of(response, {.head_only = true}).empty());
  response.status = 304;
  EXPECT_TRUE(body_of(response, {}).empty());
}

TEST(Response, DatesAreThoseOfTheStandard) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace berth::http
