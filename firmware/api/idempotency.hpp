// Idempotency-Key: a repeated request gets the first one's answer and acts once
// (draft-ietf-httpapi-idempotency-key-header-07). Answers are kept in the database for 24 hours.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "firmware/api/exchange.hpp"
#include "firmware/http/message.hpp"

namespace berth::api {

struct Route;

// Thread-safe.
class IdempotentRequests {
 public:
  using Act = std::function<Result<http::Response>()>;

  // Runs `act` once for each key of a caller and route. Without the header: just runs it. The key is kept by the very
  // transaction in which the act becomes true, with the job that it made: a panel that is killed before it could answer
  // neither forgets the act nor refuses one that did not happen. Errors: those of `act`; invalid_argument
  // ("idempotency-key-reused") for another body, conflict ("request-under-way") while the first one runs.
  Result<http::Response> once(Exchange& exchange, Route const& route, Act const& act);

 private:
  class UnderWay;
  std::mutex mutex_;
  std::set<std::string> under_way_;
};

}  // namespace berth::api
