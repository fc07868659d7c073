#include "firmware/api/arguments.hpp"

#include <algorithm>
#include <charconv>

namespace berth::api {
namespace {

// "application/json", with or without parameters (RFC 9110 section 8.3.1). Anything else could be sent by a form.
bool is_type(std::string_view content_type, std::string_view wanted) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return std::ranges::equal(type, wanted, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

Result<services::FileSource> file_in(http::Request const& request) {
  auto const type = request.headers.find("Content-Type");
  if (!type || !is_type(*type, "application/octet-stream"))
    return fail(ErrorCode::invalid_argument, "unsupported-media-type",
                "Send the file as Content-Type: application/octet-stream.");
  if (request.incoming != nullptr)
    return services::FileSource{request.incoming->length(),
                                [&](std::span<char> out) { return request.incoming->read(out); }};
  return services::FileSource{
      request.body.size(), [rest = std::string_view(request.body)](std::span<char> out) mutable -> Result<std::size_t> {
        auto const n = rest.copy(out.data(), out.size());
        rest.remove_prefix(n);
        return n;
      }};
}

Result<json::value> read_body(http::Request const& request) {
  auto const type = request.headers.find("Content-Type");
  if (!type || !is_type(*type, "application/json"))
    return fail(ErrorCode::invalid_argument, "unsupported-media-type",
                "Send the body as Content-Type: application/json.");
  return parse_json(request.body);
}

Result<IfMatch> read_if_match(http::Request const& request) {
  auto const header = request.headers.find("If-Match");
  if (!header) {
    auto failed = fail(ErrorCode::precondition_required, "if-match-required",
                       "Say which version you edited: send its ETag as If-Match.");
    failed.error().fields.emplace_back("If-Match", FieldRule::required);
    return failed;
  }
  IfMatch match;
  auto text = *header;
  // Our tags are strong and whole numbers: no other text can be the current one.
  bool valid = text.size() > 2 && text.front() == '"' && text.back() == '"';
  if (valid) {
    text = text.substr(1, text.size() - 2);
    auto const [at, error] = std::from_chars(text.data(), text.data() + text.size(), match.version);
    valid = error == std::errc{} && at == text.data() + text.size();
  }
  if (!valid)
    return fail(ErrorCode::precondition_failed, "edited-meanwhile", "If-Match does not name the current version.");
  return match;
}

accounts::Client client_of(http::Request const& request) {
  constexpr std::size_t agent_bytes_max = 200;
  accounts::Client client;
  client.address = request.peer.ip;
  if (auto const agent = request.headers.find("User-Agent")) {
    for (char c : agent->substr(0, agent_bytes_max)) client.user_agent += c >= ' ' && c < 0x7f ? c : '?';
  }
  if (auto const token = http::cookie(request.headers, session_cookie)) client.token = *token;
  return client;
}

}  // namespace berth::api
