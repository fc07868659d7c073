// Answers to requests that carried an Idempotency-Key, so that a repetition gets the same answer and acts once.
#pragma once

#include <optional>
#include <string>

#include "firmware/base/clock.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct IdempotentAnswer {
  std::string body_sha256;  // of the request
  int status = 0;           // 0 while the first request is still under way
  std::string location;
  std::string body;
  Moment created_at;
};

class IdempotencyStore {
 public:
  explicit IdempotencyStore(TransactionScope& scope) : scope_(&scope) {}
  // `caller` separates people, `route` is method and path.
  Result<std::optional<IdempotentAnswer>> find(std::string_view caller, std::string_view route,
                                               std::string_view key) const;
  // Claims the key. False when it is there already.
  Result<bool> claim(std::string_view caller, std::string_view route, std::string_view key,
                     std::string_view body_sha256);
  Result<void> answer(std::string_view caller, std::string_view route, std::string_view key, int status,
                      std::string_view location, std::string_view body);
  // Gives the key back: the request failed in a way that may be tried again.
  Result<void> release(std::string_view caller, std::string_view route, std::string_view key);
  Result<std::int64_t> remove_older(Moment before, std::int64_t limit);
  // Claims of a former process: nobody will answer them.
  Result<std::int64_t> remove_unanswered();

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
