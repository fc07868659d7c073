#include <gtest/gtest.h>

#include <format>

#include "firmware/base/json.hpp"

namespace berth {
namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
  std::string text;
  std::optional<int> maybe;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (text, maybe))

struct Everything {
  bool yes = true;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint8_t small = 200;
  double half = 0.5;
  Colour colour = Colour::green;
  Moment at = from_ms(1'795'164'636'123);
  Bytes size{std::uint64_t{1} << 63};
  ServerId id = ServerId::parse("srv_0190f3c4000070008000000000000001").value();
  Text<0, 99> text = Text<0, 99>::parse("möwe").value();
  Number<0, 9> number{7};
  std::vector<Inner> list{{"a", 1}, {"b", std::nullopt}};
  std::optional<Inner> inner;
  json::value anything = json::object{{"k", json::array{1, nullptr, "x"}}};
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (yes, least, most, small, half, colour, at, size, id, text, number, list, inner, anything))

TEST(JsonWriting, says_the_same_as_the_value_would) {
  Everything everything;
  EXPECT_EQ(write_json(everything), json::serialize(to_json(everything)));
  everything.inner = Inner{"c", 3};
  EXPECT_EQ(write_json(everything), json::serialize(to_json(everything)));
  EXPECT_EQ(write_json(std::vector<int>{}), "[]");
}

TEST(JsonWriting, escapes_what_must_be_and_parses_back) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "äöü€😀";
  auto const text = write_json(Inner{all, std::nullopt});
  EXPECT_EQ(text, json::serialize(to_json(Inner{all, std::nullopt})));
  EXPECT_EQ(parse_json(text)->at("text").as_string(), all);
}

TEST(Rfc3339, agrees_with_the_library) {
  for (std::int64_t ms :
       {0LL, 1LL, 999LL, 951'782'400'000LL, 1'795'164'636'123LL, 253'402'300'799'999LL, -1LL, -62'135'596'800'000LL})
    EXPECT_EQ(rfc3339(from_ms(ms)), std::format("{:%FT%T}Z", from_ms(ms)));
}

}  // namespace
}  // namespace berth
