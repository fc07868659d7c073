#include <gtest/gtest.h>

#include "firmware/api/console_socket.hpp"

namespace berth::api {
namespace {

TEST(ConsoleOrigin, is_the_page_that_this_host_served) {
  EXPECT_TRUE(is_same_origin("https://panel.example:8443", "panel.example:8443"));
  EXPECT_TRUE(is_same_origin("https://panel.example", "panel.example:443"));
  EXPECT_TRUE(is_same_origin("https://[::1]:8443", "[::1]:8443"));
  for (auto const* other :
       {"", "null", "http://panel.example:8443", "https://panel.example", "https://panel.example:8443.evil.example",
        "https://evil.example", "https://evil.example#panel.example:8443", "https://panel.example:8443/"})
    EXPECT_FALSE(is_same_origin(other, "panel.example:8443")) << other;
  EXPECT_FALSE(is_same_origin("https://", ""));
}

TEST(ConsoleSubprotocol, is_one_of_those_offered) {
  EXPECT_TRUE(offers_subprotocol("binary", "binary"));
  EXPECT_TRUE(offers_subprotocol("base64,\tbinary ", "binary"));
  EXPECT_FALSE(offers_subprotocol("binary2", "binary"));
  EXPECT_FALSE(offers_subprotocol("", "binary"));
}

}  // namespace
}  // namespace berth::api
