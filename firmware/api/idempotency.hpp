// Idempotency-Key: a repeated request gets the first one's answer and acts once
// (draft-ietf-httpapi-idempotency-key-header-07). Answers are kept in the database for 24 hours.
#pragma once

#include <functional>
#include <string_view>

#include "firmware/api/exchange.hpp"
#include "firmware/http/message.hpp"

namespace berth::api {

struct Route;

class IdempotentRequests {
 public:
  using Act = std::function<Result<http::Response>()>;

  // Runs `act` once for each key of a caller and route. Without the header: just runs it. Errors: those of `act`;
  // invalid_argument ("idempotency-key-reused") for another body, conflict ("request-under-way") while the first one runs.
  Result<http::Response> once(Exchange& exchange, Route const& route, Act const& act) const;
};

}  // namespace berth::api
