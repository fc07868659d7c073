#include "firmware/api/path.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

static_assert(is_well_formed_pattern("/servers/{server}/jobs"));
static_assert(!is_well_formed_pattern("servers"));
static_assert(!is_well_formed_pattern("/servers/"));
static_assert(!is_well_formed_pattern("/servers//jobs"));
static_assert(!is_well_formed_pattern("/servers/*"));
static_assert(count_parameters("/users/{user}/keys/{key}") == 2);
static_assert(parameter_name("/users/{user}/keys/{key}", 1) == "key");

TEST(Path, matches_whole_segments_only) {
  PathValues found;
  EXPECT_TRUE(match_path("/servers", "/servers", found));
  EXPECT_FALSE(match_path("/servers", "/servers/", found));
  EXPECT_FALSE(match_path("/servers", "/serversx", found));
  EXPECT_FALSE(match_path("/servers", "/servers/srv_1", found));
  EXPECT_FALSE(match_path("/servers/{server}", "/servers", found));
  EXPECT_FALSE(match_path("/servers/{server}", "", found));
}

TEST(Path, hands_out_the_values_of_its_parameters) {
  PathValues found;
  ASSERT_TRUE(match_path("/servers/{server}/jobs", "/servers/srv_1/jobs", found));
  ASSERT_EQ(found.count, 1U);
  EXPECT_EQ(found.values[0], "srv_1");
  EXPECT_FALSE(match_path("/servers/{server}/jobs", "/servers/srv_1/power", found));
}

}  // namespace
}  // namespace berth::api
