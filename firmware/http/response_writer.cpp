#include "firmware/http/response_writer.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>
#include <format>

#include "firmware/http/static_assets.hpp"

namespace berth::http {
namespace {

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("!#$%&'*+-.^_`|~").contains(static_cast<char>(c));
  });
}

bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

// What the server itself says of the message; a handler's word for it is not taken.
bool is_ours(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "content-length" || lower == "transfer-encoding" || lower == "connection" || lower == "date";
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  return std::format("{:%a, %d %b %Y %H:%M:%S} GMT", sys_seconds{seconds{unix_seconds}});
}

Response problem(int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (status == 503 || status == 429) response.headers.add("Retry-After", "1");
  response.body =
      std::format(R"({{"type":"about:blank","title":"{}","status":{}}})", reason_phrase(status), status) + "\n";
  return response;
}

std::string_view body_of(Response const& response, ResponseContext const& context) {
  if (context.head_only || !has_body(response.status)) return {};
  return response.static_body.empty() ? std::string_view(response.body) : response.static_body;
}

std::string serialize_head(Response const& response, ResponseContext const& context) {
  std::string out = std::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (auto const& [name, value] : response.headers)
    if (!is_ours(name)) add_field(out, name, value);
  for (auto const& [name, value] : security_headers())
    if (!response.headers.find(name)) add_field(out, name, value);
  add_field(out, "Date", http_date(std::time(nullptr)));
  if (context.length_known && has_body(response.status)) {
    auto const body = response.static_body.empty() ? std::string_view(response.body) : response.static_body;
    add_field(out, "Content-Length", std::to_string(body.size()));
  }
  add_field(out, "Connection", context.keep_alive ? "keep-alive" : "close");
  return out.append("\r\n");
}

bool is_safe(Response const& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers,
                             [](auto const& field) { return is_token(field.first) && is_field_value(field.second); });
}

}  // namespace berth::http
