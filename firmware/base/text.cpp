#include "firmware/base/text.hpp"

#include <optional>

namespace berth {
namespace {

// Decodes one code point at `at` and moves past it; nothing for malformed UTF-8 (RFC 3629: no overlong forms, no surrogates).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto lead = byte(at);
  std::size_t extra = lead < 0x80             ? 0
                      : (lead & 0xe0) == 0xc0 ? 1
                      : (lead & 0xf0) == 0xe0 ? 2
                      : (lead & 0xf8) == 0xf0 ? 3
                                              : 9;
  if (extra == 9 || at + extra >= text.size()) return std::nullopt;
  char32_t value = extra == 0 ? lead : lead & (0x3f >> extra);
  for (std::size_t i = 1; i <= extra; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte(at + i) & 0x3fu);
  }
  constexpr char32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  if (value < smallest[extra] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
  at += extra + 1;
  return value;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::optional<Complaint> why_not_text(std::string_view text, std::size_t min, std::size_t max, TextRule rule) {
  auto const number = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  if (text.size() < min)
    return min == 1 ? Complaint(FieldRule::empty) : Complaint(FieldRule::too_short, {.min = number(min)});
  if (text.size() > max) return Complaint(FieldRule::too_long, {.max = number(max)});
  for (std::size_t at = 0; at < text.size();) {
    auto c = next_code_point(text, at);
    if (!c) return FieldRule::not_utf8;
    if (rule == TextRule::multiline && (*c == '\n' || *c == '\t')) continue;
    if (is_control(*c)) return FieldRule::control_characters;
  }
  if (rule == TextRule::line && !text.empty() && (text.front() == ' ' || text.back() == ' '))
    return FieldRule::outer_blanks;
  return std::nullopt;
}

}  // namespace berth
