// The door: from an HTTP request to a handler and back. The order is fixed: route, who asks, forged requests, pace, then
// the handler's arguments (right, query, body), the handler, the answer.
#pragma once

#include <functional>
#include <optional>

#include "firmware/api/exchange.hpp"
#include "firmware/api/idempotency.hpp"
#include "firmware/api/route.hpp"
#include "firmware/http/handler.hpp"
#include "firmware/services/accounts/attempt_limits.hpp"

namespace berth::api {

// What is not below /api: the web pages. nullopt: not theirs either.
using Pages = std::function<std::optional<http::Response>(http::Request const&)>;

// Thread-safe. `panel` outlives it.
class Dispatcher final : public http::Handler {
 public:
  Dispatcher(Panel& panel, Pages pages) : panel_(panel), pages_(std::move(pages)) {}

  http::Response handle(http::Request const& request) override;
  http::WebSocketDecision accept_websocket(http::Request const& request) override;

 private:
  http::Response call_api(http::Request const& request);
  Result<http::Response> dispatch(http::Request const& request, std::string_view path);
  // Who asks, from the cookie or from the local socket's peer.
  Result<Exchange> identify(http::Request const& request);

  Panel& panel_;
  Pages pages_;
  IdempotentRequests idempotent_;
  // What changes something costs the disk: a person never gets near this, a runaway script does.
  accounts::AttemptLimit changes_{600, std::chrono::seconds{60}};
};

}  // namespace berth::api
