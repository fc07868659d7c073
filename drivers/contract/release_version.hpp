// How versions of Berth follow each other: MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD] as in Semantic Versioning 2.0.0 (section 11), with one
// to four numbers. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::contract {

class ReleaseVersion {
 public:
  // At most 64 characters; nothing when the text is no version.
  static std::optional<ReleaseVersion> parse(std::string_view text);

  // Build metadata does not count; a pre-release comes before its release; missing numbers are zero.
  std::strong_ordering operator<=>(ReleaseVersion const& other) const;
  bool operator==(ReleaseVersion const& other) const { return (*this <=> other) == std::strong_ordering::equal; }

 private:
  std::uint32_t numbers_[4] = {};
  std::vector<std::string> before_release_;  // identifiers; none: a release
};

}  // namespace berth::contract
