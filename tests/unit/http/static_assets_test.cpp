#include "firmware/http/static_assets.hpp"

#include <gtest/gtest.h>

#include "firmware/http/response_writer.hpp"

namespace berth::http {
namespace {

Request get(std::string path, std::string accept_encoding = "") {
  Request request;
  request.path = std::move(path);
  if (!accept_encoding.empty()) request.headers.add("Accept-Encoding", std::move(accept_encoding));
  return request;
}

StaticAssets pages() {
  return {embedded_assets(), {"/", "/servers", "/servers/:server/console", "/setup"}};
}

TEST(StaticAssets, KnowsEveryFileOfTheDirectory) {
  EXPECT_EQ(embedded_assets().size(), 3U);
  auto const script = pages().respond(get("/assets/app-Ab3_x-9Z.js"));
  ASSERT_TRUE(script);
  EXPECT_EQ(script->static_body, "export const answer = 42;\n");
  EXPECT_EQ(script->headers.find("Content-Type"), "text/javascript; charset=utf-8");
}

TEST(StaticAssets, KeepsHashedNamesForEverAndAsksAgainForOthers) {
  EXPECT_EQ(pages().respond(get("/assets/app-Ab3_x-9Z.js"))->headers.find("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(pages().respond(get("/robots.txt"))->headers.find("Cache-Control"), "no-cache");
}

TEST(StaticAssets, GivesTheFrontPageForClientRoutesOnly) {
  auto const front = pages().respond(get("/"));
  ASSERT_TRUE(front);
  EXPECT_TRUE(front->static_body.starts_with("<!doctype html>"));
  EXPECT_TRUE(pages().respond(get("/servers")));
  EXPECT_TRUE(pages().respond(get("/servers/srv_1/console")));
  EXPECT_TRUE(pages().respond(get("/servers/")));
  for (auto const* other : {"/serversx", "/servers/srv_1", "/servers//console", "/servers/srv_1/console/x"})
    EXPECT_FALSE(pages().respond(get(other))) << other;
  EXPECT_FALSE(pages().respond(get("/assets/gone.js")));
  EXPECT_FALSE(pages().respond(get("/api/v1/servers")));
}

TEST(StaticAssets, TellsABrowserWithAPageThatThereIsNothing) {
  auto const navigate = [](std::string path) {
    auto request = get(std::move(path));
    request.headers.add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    return pages().respond(request);
  };
  for (auto const* gone : {"/gone", "/servers/srv_1/gone", "/a.b/gone"}) {
    auto const page = navigate(gone);
    ASSERT_TRUE(page) << gone;
    EXPECT_EQ(page->status, 404) << gone;
    EXPECT_TRUE(page->static_body.starts_with("<!doctype html>"));
  }
  EXPECT_EQ(navigate("/servers")->status, 200);
  EXPECT_FALSE(navigate("/gone.png")) << "a file that is missing is no page";
  auto request = get("/gone");
  request.headers.add("Accept", "application/json");
  EXPECT_FALSE(pages().respond(request));
  request = get("/gone");
  request.method = Method::post;
  request.headers.add("Accept", "text/html");
  EXPECT_FALSE(pages().respond(request));
}

TEST(StaticAssets, SendsGzipToThoseWhoTakeIt) {
  auto const packed = pages().respond(get("/index.html", "deflate, gzip;q=0.8, br"));
  EXPECT_EQ(packed->headers.find("Content-Encoding"), "gzip");
  EXPECT_TRUE(packed->static_body.starts_with("\x1f\x8b"));
  for (auto const* refused : {"identity", "gzip;q=0", "gzip; q=0.0", "xgzip", ""}) {
    auto const plain = pages().respond(get("/index.html", refused));
    EXPECT_FALSE(plain->headers.find("Content-Encoding")) << refused;
    EXPECT_EQ(plain->headers.find("Vary"), "Accept-Encoding");
  }
}

TEST(StaticAssets, AnswersNotModifiedToTheSameTag) {
  auto request = get("/index.html");
  auto const tag = std::string(*pages().respond(request)->headers.find("ETag"));
  request.headers.add("If-None-Match", "\"other\", " + tag);
  auto const response = pages().respond(request);
  EXPECT_EQ(response->status, 304);
  EXPECT_TRUE(response->static_body.empty());
}

TEST(StaticAssets, RefusesToBeWritten) {
  auto request = get("/index.html");
  request.method = Method::post;
  auto const response = pages().respond(request);
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(response->headers.find("Allow"), "GET, HEAD");
}

TEST(SecurityHeaders, ForbidEverythingUnsafe) {
  auto const head = serialize_head(Response::text(200, "x"), {});
  EXPECT_TRUE(head.contains("Content-Security-Policy: default-src 'none'; script-src 'self';"));
  EXPECT_FALSE(head.contains("unsafe-"));
  EXPECT_TRUE(head.contains("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_FALSE(head.contains("Strict-Transport-Security"));
}

}  // namespace
}  // namespace berth::http
