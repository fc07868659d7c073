#include "firmware/api/problem.hpp"

#include <array>

namespace berth::api {
namespace {

struct Row {
  ErrorCode code;
  int status;
};

// RFC 9110 section 15; 422: the JSON was understood, its content was not acceptable; 428 and 429: RFC 6585.
constexpr std::array table{
    Row{ErrorCode::invalid_argument, 422},
    Row{ErrorCode::unauthenticated, 401},
    Row{ErrorCode::forbidden, 403},
    Row{ErrorCode::not_found, 404},
    Row{ErrorCode::conflict, 409},
    Row{ErrorCode::precondition_failed, 412},
    Row{ErrorCode::precondition_required, 428},
    Row{ErrorCode::too_large, 413},
    Row{ErrorCode::rate_limited, 429},
    Row{ErrorCode::exhausted, 409},
    Row{ErrorCode::unavailable, 503},
    Row{ErrorCode::timed_out, 504},
    Row{ErrorCode::cancelled, 409},
    Row{ErrorCode::unsupported, 422},
    Row{ErrorCode::corrupt, 422},
    Row{ErrorCode::io, 500},
    Row{ErrorCode::internal, 500},
};
static_assert(table.size() == static_cast<std::size_t>(ErrorCode::internal) + 1, "every error code has a status");

struct Exception {
  std::string_view slug;
  int status;
};

// What HTTP itself has a closer word for than the code's.
constexpr std::array exceptions{
    Exception{"body-too-slow", 408},      Exception{"body-cut-off", 400},
    Exception{"body-empty", 400},         Exception{"body-too-short", 400},
    Exception{"disk-full", 507},          Exception{"malformed-json", 400},
    Exception{"method-not-allowed", 405}, Exception{"unsupported-media-type", 415},
};

// "no-free-address" -> "No free address".
std::string title_of(std::string_view slug) {
  std::string title(slug);
  for (char& c : title)
    if (c == '-') c = ' ';
  if (!title.empty() && title.front() >= 'a' && title.front() <= 'z')
    title.front() = static_cast<char>(title.front() - 32);
  return title;
}

}  // namespace

int status_of(Error const& error) {
  for (auto const& row : exceptions)
    if (row.slug == error.slug) return row.status;
  for (auto const& row : table)
    if (row.code == error.code) return row.status;
  return 500;
}

Problem to_problem(Error const& error) {
  Problem problem;
  problem.status = status_of(error);
  if (problem.status == 500) {
    problem.type = "/problems/internal";
    problem.title = "Internal error";
    problem.detail = "Something went wrong inside. The log says what.";
    return problem;
  }
  problem.type = "/problems/" + error.slug;
  problem.title = title_of(error.slug);
  problem.detail = error.message;
  if (!error.fields.empty()) {
    auto& fields = problem.errors.emplace();
    for (auto const& field : error.fields) fields.push_back({field.pointer, field.rule, field.params, field.message});
  }
  return problem;
}

http::Response problem_response(Error const& error) {
  http::Response response;
  auto const problem = to_problem(error);
  response.status = problem.status;
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (error.retry_after_s > 0) response.headers.add("Retry-After", std::to_string(error.retry_after_s));
  response.body = write_json(problem);
  return response;
}

}  // namespace berth::api
