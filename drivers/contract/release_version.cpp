#include "drivers/contract/release_version.hpp"

#include <algorithm>
#include <charconv>

namespace berth::contract {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_identifier(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    auto const dot = text.find('.');
    parts.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

// Numbers by value and before words; words by their bytes.
std::strong_ordering order(std::string_view one, std::string_view other) {
  bool const number = is_number(one), other_number = is_number(other);
  if (number != other_number) return number ? std::strong_ordering::less : std::strong_ordering::greater;
  if (!number) return one <=> other;
  one.remove_prefix(std::min(one.find_first_not_of('0'), one.size() - 1));
  other.remove_prefix(std::min(other.find_first_not_of('0'), other.size() - 1));
  if (one.size() != other.size()) return one.size() <=> other.size();
  return one <=> other;
}

}  // namespace

std::optional<ReleaseVersion> ReleaseVersion::parse(std::string_view text) {
  if (text.size() > 64) return {};
  ReleaseVersion version;
  if (auto const plus = text.find('+'); plus != std::string_view::npos) {
    if (!std::ranges::all_of(parts_of(text.substr(plus + 1)), is_identifier)) return {};
    text = text.substr(0, plus);
  }
  if (auto const dash = text.find('-'); dash != std::string_view::npos) {
    version.before_release_ = parts_of(text.substr(dash + 1));
    if (!std::ranges::all_of(version.before_release_, is_identifier)) return {};
    text = text.substr(0, dash);
  }
  auto const numbers = parts_of(text);
  if (numbers.size() > std::size(version.numbers_)) return {};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto const& digits = numbers[i];
    if (!is_number(digits)) return {};
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version.numbers_[i]);
    if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  }
  return version;
}

std::strong_ordering ReleaseVersion::operator<=>(ReleaseVersion const& other) const {
  for (std::size_t i = 0; i < std::size(numbers_); ++i)
    if (auto const by = numbers_[i] <=> other.numbers_[i]; by != 0) return by;
  if (before_release_.empty() != other.before_release_.empty())
    return before_release_.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  for (std::size_t i = 0; i < std::min(before_release_.size(), other.before_release_.size()); ++i)
    if (auto const by = order(before_release_[i], other.before_release_[i]); by != 0) return by;
  return before_release_.size() <=> other.before_release_.size();
}

}  // namespace berth::contract
