// Errors as the world sees them: application/problem+json (RFC 9457). The one place where an error becomes a status.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"
#include "firmware/http/message.hpp"

namespace berth::api {

// One bad field: an RFC 6901 pointer into the body ("/name"), "?limit" for a query parameter, "If-Match" for a header.
struct BadField {
  std::string pointer;
  FieldRule code = FieldRule::refused;  // stable: what a client translates by
  FieldParams params;                   // the numbers and words of the rule
  std::string message;                  // the end of an English sentence about the field
};
BOOST_DESCRIBE_STRUCT(BadField, (), (pointer, code, params, message))

struct Problem {
  std::string type;   // "/problems/<slug>": stable
  std::string title;  // the same for every problem of a type
  int status = 500;
  std::string detail;  // one sentence about this occurrence
  std::optional<std::vector<BadField>> errors;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (type, title, status, detail, errors))

// The HTTP status of an error. Pure.
int status_of(Error const& error);
// The document; an internal error's own words stay in the log. Pure.
Problem to_problem(Error const& error);
// The whole answer, with Retry-After where the error says when.
http::Response problem_response(Error const& error);

}  // namespace berth::api
