// The one page that stands where the panel does not: why, and what to do. Pure.
#pragma once

#include <string>
#include <string_view>

#include "firmware/http/handler.hpp"

namespace berth::fallback {

// Whole HTML; `reason` is escaped.
std::string page(std::string_view reason);

// Answers every request alike: 503 with Retry-After (RFC 9110 section 15.6.4), nothing that could be changed, no cookies.
class Page final : public http::Handler {
 public:
  explicit Page(std::string_view reason) : html_(page(reason)) {}
  http::Response handle(http::Request const& request) override;
  http::WebSocketDecision accept_websocket(http::Request const& request) override;

 private:
  std::string const html_;
};

}  // namespace berth::fallback
