#include "drivers/contract/release_version.hpp"

#include <gtest/gtest.h>

namespace berth::contract {
namespace {

TEST(ReleaseVersion, FollowsTheOrderOfSemanticVersioning) {
  std::vector<std::string> const rising = {"0.9",          "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                           "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
                                           "1.0.0.1",      "1.0.10",        "1.2",           "1.10.0",
                                           "10.0.0"};
  for (std::size_t i = 0; i < rising.size(); ++i)
    for (std::size_t j = 0; j < rising.size(); ++j)
      EXPECT_EQ(*ReleaseVersion::parse(rising[i]) <=> *ReleaseVersion::parse(rising[j]), i <=> j)
          << rising[i] << " and " << rising[j];
  EXPECT_EQ(*ReleaseVersion::parse("1.2"), *ReleaseVersion::parse("1.2.0+build.7"));
  EXPECT_EQ(*ReleaseVersion::parse("1.0.0-rc.01"), *ReleaseVersion::parse("1.0.0-rc.1"));
}

TEST(ReleaseVersion, RefusesWhatIsNone) {
  for (auto const* text : {"", ".", "1.", "v1", "1.2.3.4.5", "1..2", "1.2-", "1.2-a..b", "1.2-a_b", "1.2+",
                           "4294967296", "-1", " 1", "1\n", "99999999999999999999"})
    EXPECT_FALSE(ReleaseVersion::parse(text)) << text;
  EXPECT_FALSE(ReleaseVersion::parse("1.0.0-" + std::string(64, 'a')));
}

}  // namespace
}  // namespace berth::contract
