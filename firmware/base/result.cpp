#include "firmware/base/result.hpp"

#include <cerrno>
#include <system_error>

namespace berth {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::precondition_failed:
      return "precondition_failed";
    case ErrorCode::precondition_required:
      return "precondition_required";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::io:
      return "io";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

std::unexpected<Error> fail_errno(int error_number, std::string_view what) {
  auto code = ErrorCode::io;
  std::string slug = "io-error";
  switch (error_number) {
    case ENOENT:
      code = ErrorCode::not_found, slug = "not-found";
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::exhausted, slug = "no-space";
      break;
    case ETIMEDOUT:
      code = ErrorCode::timed_out, slug = "timed-out";
      break;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      code = ErrorCode::unavailable, slug = "unavailable";
      break;
    default:
      break;
  }
  return fail(code, std::move(slug), std::string(what) + ": " + std::generic_category().message(error_number));
}

std::string describe(Error const& error) {
  auto text = error.slug + ": " + error.message;
  for (auto const& field : error.fields) text += " [" + field.pointer + ": " + field.message + "]";
  if (!error.context.empty()) text += " (" + error.context + ")";
  return text;
}

}  // namespace berth
