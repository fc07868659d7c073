// Strings whose bounds are in their type. Lengths count bytes of UTF-8.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "firmware/base/result.hpp"

namespace berth {

enum class TextRule {
  line,       // valid UTF-8, no control characters (C0, DEL, C1, U+2028/2029), no surrounding blanks
  multiline,  // as line, but TAB and LF may stand inside
  secret,     // as line, blanks allowed; never shown, never logged
};

// Which rule `text` breaks: `rule` or the bounds.
std::optional<Complaint> why_not_text(std::string_view text, std::size_t min, std::size_t max, TextRule rule);

template <std::size_t Min, std::size_t Max, TextRule Rule = TextRule::line>
class Text {
 public:
  static constexpr std::size_t min = Min;
  static constexpr std::size_t max = Max;
  static constexpr TextRule rule = Rule;

  Text() = default;  // empty even when Min > 0: "not filled in yet"; parse() never yields it then
  static Result<Text> parse(std::string_view text) {
    if (auto why = why_not_text(text, Min, Max, Rule)) return fail_field("", *std::move(why));
    return Text(std::string(text));
  }

  std::string const& str() const { return text_; }
  operator std::string_view() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(Text const&) const = default;

 private:
  explicit Text(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

template <std::size_t Min, std::size_t Max>
using Secret = Text<Min, Max, TextRule::secret>;
template <std::size_t Min, std::size_t Max>
using MultilineText = Text<Min, Max, TextRule::multiline>;

}  // namespace berth
