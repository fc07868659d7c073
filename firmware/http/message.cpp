#include "firmware/http/message.hpp"

#include <algorithm>
#include <array>

namespace berth::http {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> method_names{{
    {"GET", Method::get},
    {"HEAD", Method::head},
    {"POST", Method::post},
    {"PUT", Method::put},
    {"PATCH", Method::patch},
    {"DELETE", Method::delete_},
    {"OPTIONS", Method::options},
}};

constexpr std::array<std::pair<int, std::string_view>, 38> reason_phrases{{
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
}};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string_view to_string(Method method) {
  for (auto const& [name, value] : method_names)
    if (value == method) return name;
  return "?";
}

std::optional<Method> parse_method(std::string_view name) {
  for (auto const& [known, value] : method_names)
    if (known == name) return value;
  return std::nullopt;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (auto const& [key, value] : fields_)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](auto const& field) { return same_name(field.first, name); }));
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](auto const& field) { return same_name(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    int const high = hex_digit(text[i + 1]);
    int const low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto const end = query.find('&');
    std::string pair(query.substr(0, end));
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    std::ranges::replace(pair, '+', ' ');
    auto const equals = pair.find('=');
    auto const key = percent_decode(std::string_view(pair).substr(0, equals));
    if (!key || *key != name) continue;
    return percent_decode(equals == std::string::npos ? std::string_view{} : std::string_view(pair).substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<std::string_view> cookie(Headers const& headers, std::string_view name) {
  std::optional<std::string_view> found;
  for (auto const& [key, value] : headers) {
    if (!same_name(key, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      auto const end = rest.find(';');
      auto const pair = trim(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      auto const equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      // Two cookies of one name mean that somebody else on this host set one: believe neither.
      if (found) return std::nullopt;
      found = pair.substr(equals + 1);
    }
  }
  return found;
}

Response Response::text(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

std::string_view reason_phrase(int status) {
  auto const found = std::ranges::lower_bound(reason_phrases, status, {}, &std::pair<int, std::string_view>::first);
  return found != reason_phrases.end() && found->first == status ? found->second : "Status";
}

}  // namespace berth::http
