#include "firmware/api/query.hpp"

#include <gtest/gtest.h>

#include "firmware/api/job_requests.hpp"
#include "firmware/api/server_requests.hpp"

namespace berth::api {
namespace {

std::string first_problem(auto const& result) {
  return result ? "none" : result.error().fields.at(0).pointer + " " + result.error().fields.at(0).message;
}

TEST(QueryParameters, are_read_by_their_type) {
  auto const query = read_query<ListJobs>("limit=20&state=running&cursor=job_1%2F2");
  ASSERT_TRUE(query) << describe(query.error());
  EXPECT_EQ((*query)->limit->value, 20);
  EXPECT_EQ((*query)->state, store::JobState::running);
  EXPECT_EQ((*query)->cursor->str(), "job_1/2");
  EXPECT_FALSE((*query)->server);
  EXPECT_TRUE(read_query<ListJobs>("")) << "all are optional";
  EXPECT_TRUE(read_query<CreateServerQuery>("dry_run=true")->value.dry_run.value());
}

TEST(QueryParameters, that_are_not_acceptable_are_named) {
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=0")), "?limit must be between 1 and 100");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=101")), "?limit must be between 1 and 100");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=-1")), "?limit must be between 1 and 100");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=99999999999999999999")), "?limit must be between 1 and 100");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=ten")), "?limit must be a whole number");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=")), "?limit must be a whole number");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limt=1")), "?limt is not known here");
  EXPECT_EQ(first_problem(read_query<PageQuery>("limit=1&limit=2")), "?limit stands twice");
  EXPECT_EQ(first_problem(read_query<PageQuery>("cursor=%zz")), "? is not percent-encoded correctly");
  EXPECT_EQ(first_problem(read_query<PageQuery>("cursor=a%0d%0ab")),
            "?cursor must not contain control characters or line breaks");
  EXPECT_EQ(first_problem(read_query<CreateServerQuery>("dry_run=1")), "?dry_run must be true or false");
}

}  // namespace
}  // namespace berth::api
