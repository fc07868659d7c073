// Errors are values. Every fallible call returns Result<T>; exceptions stop in the file that calls a throwing library.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/field_rule.hpp"

namespace berth {

// What kind of failure it is. The HTTP status of each is decided in one table (firmware/api/problem.cpp).
enum class ErrorCode {
  invalid_argument,       // the input breaks a rule; `fields` says where
  unauthenticated,        // nobody is signed in
  forbidden,              // the caller may see the thing but not do this
  not_found,              // absent, or hidden from this caller
  conflict,               // the state of the thing forbids it now
  precondition_failed,    // If-Match named an older version
  precondition_required,  // If-Match is missing
  too_large,
  rate_limited,
  exhausted,    // no capacity: addresses, disk, memory
  unavailable,  // a part that is needed does not answer; try again
  timed_out,
  cancelled,
  unsupported,  // this machine or kind cannot do it
  corrupt,      // data failed its checksum or does not parse
  io,
  internal,
};

std::string_view to_string(ErrorCode code);

// One bad field. `pointer` is an RFC 6901 JSON pointer into the request body ("/name"), or "?limit" for a query parameter.
struct FieldProblem : Complaint {
  FieldProblem(std::string where, Complaint what) : Complaint(std::move(what)), pointer(std::move(where)) {}
  // For the engine's side, which speaks no language but its own. The panel names a rule.
  FieldProblem(std::string where, std::string words) : Complaint(std::move(words)), pointer(std::move(where)) {}

  std::string pointer;
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string slug;     // stable, machine-readable, kebab-case: "plan-too-large"
  std::string message;  // one sentence for a person; never a secret
  std::vector<FieldProblem> fields = {};
  std::string context = {};  // what was being done, outermost first; for logs
  int retry_after_s = 0;     // rate_limited, unavailable: when to try again; 0: not known

  // The same error, with what was being attempted put before its context.
  Error in(std::string_view attempt) && {
    context = context.empty() ? std::string(attempt) : std::string(attempt) + ": " + context;
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string slug, std::string message) {
  return std::unexpected(Error{code, std::move(slug), std::move(message)});
}

inline std::unexpected<Error> fail_field(std::string pointer, Complaint what) {
  Error error{ErrorCode::invalid_argument, "invalid-field", what.message};
  error.fields.emplace_back(std::move(pointer), std::move(what));
  return std::unexpected(std::move(error));
}

// In an inner part's own words: see FieldProblem.
inline std::unexpected<Error> fail_field(std::string pointer, std::string words) {
  return fail_field(std::move(pointer), Complaint(std::move(words)));
}

// ErrorCode::io (or the closer code for ENOENT, ENOSPC, ETIMEDOUT) with strerror's words. `what` names the act and its object.
std::unexpected<Error> fail_errno(int error_number, std::string_view what);

// "slug: message (context)", for logs.
std::string describe(Error const& error);

// TRY(expression): the value of a Result, or return its error from the enclosing function.
// A statement expression (GNU C), so that it can stand inside other expressions.
#define TRY(...)                                                                          \
  ({                                                                                      \
    auto&& try_result_ = (__VA_ARGS__);                                                   \
    if (!try_result_.has_value()) return std::unexpected(std::move(try_result_).error()); \
    ::berth::detail::unwrap(std::move(try_result_));                                      \
  })

namespace detail {
template <class T>
T unwrap(std::expected<T, Error>&& result) {
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <class T>
T unwrap(std::expected<T, Error> const&& result) {
  if constexpr (!std::is_void_v<T>) return *result;
}
}  // namespace detail

}  // namespace berth
