#include "firmware/api/problem.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

int status(ErrorCode code, std::string slug = "any") {
  return status_of(Error{code, std::move(slug), "words"});
}

TEST(Problem, has_one_status_for_each_code) {
  EXPECT_EQ(status(ErrorCode::invalid_argument), 422);
  EXPECT_EQ(status(ErrorCode::unauthenticated), 401);
  EXPECT_EQ(status(ErrorCode::forbidden), 403);
  EXPECT_EQ(status(ErrorCode::not_found), 404);
  EXPECT_EQ(status(ErrorCode::precondition_failed), 412);
  EXPECT_EQ(status(ErrorCode::precondition_required), 428);
  EXPECT_EQ(status(ErrorCode::rate_limited), 429);
  EXPECT_EQ(status(ErrorCode::exhausted), 409);
  EXPECT_EQ(status(ErrorCode::unavailable), 503);
  EXPECT_EQ(status(ErrorCode::io), 500);
  EXPECT_EQ(status(ErrorCode::invalid_argument, "malformed-json"), 400);
  EXPECT_EQ(status(ErrorCode::invalid_argument, "unsupported-media-type"), 415);
  EXPECT_EQ(status(ErrorCode::invalid_argument, "method-not-allowed"), 405);
}

TEST(Problem, names_the_fields_and_when_to_come_back) {
  Error error{ErrorCode::rate_limited, "too-many-attempts", "Wait."};
  error.fields.emplace_back("/name", Complaint{FieldRule::out_of_range, {.min = 1, .max = 9}});
  error.retry_after_s = 90;
  error.context = "secret inner words";
  auto const response = problem_response(error);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.headers.find("Retry-After"), "90");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/too-many-attempts","title":"Too many attempts","status":429,"detail":"Wait.",)"
            R"("errors":[{"pointer":"/name","code":"out_of_range","params":{"min":1,"max":9},)"
            R"("message":"must be between 1 and 9"}]})");
}

TEST(Problem, keeps_inner_words_inside) {
  auto const response =
      problem_response(Error{ErrorCode::io, "io-error", "/var/lib/berth/berth.db: Input/output error"});
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("berth.db"), std::string::npos);
}

}  // namespace
}  // namespace berth::api
