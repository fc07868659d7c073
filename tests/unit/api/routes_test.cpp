#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "firmware/api/openapi.hpp"
#include "firmware/api/route.hpp"

namespace berth::api {
namespace {

TEST(Routes, are_told_apart) {
  std::set<std::string> seen;
  for (auto const& route : routes())
    EXPECT_TRUE(seen.insert(std::string(http::to_string(route.method)) + " " + std::string(route.path)).second)
        << route.path;
  EXPECT_GT(seen.size(), 20U);
}

TEST(Routes, a_literal_segment_goes_before_a_parameter) {
  EXPECT_EQ(find_route(Method::delete_, "/sessions/current")->route->path, "/sessions/current");
  EXPECT_EQ(find_route(Method::delete_, "/sessions/ses_1")->route->path, "/sessions/{session}");
  EXPECT_EQ(find_route(Method::head, "/servers")->route->path, "/servers");
}

TEST(Routes, what_is_not_there_is_404_and_a_wrong_method_405) {
  EXPECT_EQ(find_route(Method::get, "/nothing").error().slug, "not-found");
  EXPECT_EQ(find_route(Method::put, "/servers").error().slug, "method-not-allowed");
  EXPECT_EQ(allowed_methods("/servers"), "GET, POST");
}

TEST(Routes, the_public_ones_are_these) {
  std::set<std::string> open;
  for (auto const& route : routes())
    if (route.rule.kind() == Rule::Kind::open)
      open.insert(std::string(http::to_string(route.method)) + " " + std::string(route.path));
  EXPECT_EQ(open, (std::set<std::string>{"GET /setup", "POST /setup", "POST /sessions"}));
}

TEST(OpenApi, the_committed_document_is_the_current_one) {
  std::ifstream file(std::string(BERTH_SOURCE) + "/firmware/api/openapi.json");
  std::stringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), openapi_pretty()) << "run: berthd --openapi > firmware/api/openapi.json";
}

TEST(OpenApi, every_reference_leads_somewhere) {
  auto const document = parse_json(openapi_document());
  ASSERT_TRUE(document) << describe(document.error());
  std::string const text(openapi_document());
  for (std::size_t at = 0; (at = text.find("\"$ref\":\"#", at)) != std::string::npos;) {
    at += 9;
    auto const pointer = text.substr(at, text.find('"', at) - at);
    boost::system::error_code ec;
    EXPECT_NE(document->find_pointer(pointer, ec), nullptr) << pointer;
  }
}

}  // namespace
}  // namespace berth::api
