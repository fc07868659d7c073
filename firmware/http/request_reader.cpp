#include "firmware/http/request_reader.hpp"

#include <arpa/inet.h>
#include <civetweb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <span>

#include "firmware/http/utf8.hpp"

namespace berth::http {
namespace {

// The head was read strictly already (patch 0002): here only what decoding can bring up.
std::optional<std::string> decode_path(std::string_view raw) {
  auto path = percent_decode(raw);
  if (!path || path->empty() || path->front() != '/' || !is_utf8(*path)) return std::nullopt;
  if (std::ranges::any_of(*path, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return std::nullopt;
  return path;
}

std::optional<PeerCredentials> local_peer(mg_connection const* connection) {
  int const socket = mg_get_socket(connection);
  int family = 0;
  socklen_t length = sizeof family;
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &length) != 0 || family != AF_UNIX) return std::nullopt;
  ucred credentials{};
  length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return std::nullopt;
  return PeerCredentials{credentials.uid, credentials.gid, credentials.pid};
}

// Who it is must not depend on the socket: an IPv4 client of a socket for both protocols comes as ::ffff:192.0.2.1 (RFC 4291
// 2.5.5.2), a link-local one with its interface (RFC 4007 11).
std::string plain_address(std::string_view text) {
  text = text.substr(0, text.find('%'));
  constexpr std::string_view mapped = "::ffff:";
  if (text.starts_with(mapped) && text.contains('.')) text.remove_prefix(mapped.size());
  return std::string(text);
}

bool read_body(mg_connection* connection, long long length, std::string& body) {
  body.resize(static_cast<std::size_t>(std::max(length, 0LL)));
  std::size_t done = 0;
  while (done < body.size()) {
    int const n = mg_read(connection, body.data() + done, body.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Whether a comma-separated field holds a token, without regard to case.
bool has_token(std::string_view field, std::string_view token) {
  std::string const all = lower(field);
  std::string_view rest = all;
  while (!rest.empty()) {
    auto const end = rest.find(',');
    auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (part == token) return true;
  }
  return false;
}

bool is_websocket_key(std::string_view key) {
  // 16 bytes in base64: 22 characters and two of padding.
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '+' || c == '/';
         });
}

}  // namespace

std::string_view host_without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_valid_host(std::string_view host) {
  auto const name = host_without_port(host);
  auto const port = host.substr(name.size());
  if (!port.empty()) {
    if (port.front() != ':' || port.size() > 6 ||
        !std::ranges::all_of(port.substr(1), [](unsigned char c) { return std::isdigit(c) != 0; }))
      return false;
  }
  if (name.starts_with('[')) {
    if (!name.ends_with(']')) return false;
    in6_addr address{};
    std::string const literal(name.substr(1, name.size() - 2));
    return inet_pton(AF_INET6, literal.c_str(), &address) == 1;
  }
  return !name.empty() && name.size() <= 253 && name.front() != '.' && name.find("..") == std::string_view::npos &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; });
}

std::uint64_t body_length(mg_connection const* connection) {
  auto const* info = mg_get_request_info(connection);
  return info == nullptr || info->content_length < 0 ? 0 : static_cast<std::uint64_t>(info->content_length);
}

bool is_streamed(Request const& request, std::span<StreamedRequest const> streamed) {
  return std::ranges::any_of(streamed,
                             [&](auto const& one) { return one.method == request.method && one.path == request.path; });
}

std::expected<Request, int> read_request(mg_connection* connection, HostRule const& host_allowed,
                                         std::span<StreamedRequest const> streamed) {
  auto const* info = mg_get_request_info(connection);
  if (info == nullptr || info->request_uri == nullptr || info->request_method == nullptr) return std::unexpected(400);
  Request request;
  auto const method = parse_method(info->request_method);
  if (!method) return std::unexpected(501);
  request.method = *method;
  auto path = decode_path(info->request_uri);
  if (!path) return std::unexpected(400);
  request.path = std::move(*path);
  if (info->query_string != nullptr) request.query = info->query_string;
  for (auto const& field : std::span(info->http_headers, static_cast<std::size_t>(info->num_headers)))
    request.headers.add(field.name, field.value == nullptr ? "" : field.value);

  request.secure = info->is_ssl != 0;
  request.local_peer = local_peer(connection);
  if (!request.local_peer) {
    request.peer.ip = plain_address(info->remote_addr);
    request.peer.port = static_cast<std::uint16_t>(info->remote_port);
  }
  auto const host = request.headers.find("Host");
  if (request.headers.count("Host") != 1 || !is_valid_host(*host)) return std::unexpected(400);
  request.host = lower(*host);
  if (!request.local_peer && host_allowed && !host_allowed(host_without_port(request.host)))
    return std::unexpected(421);
  if (is_streamed(request, streamed)) return request;
  if (!read_body(connection, info->content_length, request.body)) return std::unexpected(400);
  return request;
}

std::optional<int> websocket_upgrade_problem(Request const& request) {
  auto const upgrade = request.headers.find("Upgrade");
  if (!upgrade || !has_token(*upgrade, "websocket")) return std::nullopt;
  auto const connection = request.headers.find("Connection");
  auto const key = request.headers.find("Sec-WebSocket-Key");
  if (request.method != Method::get || !connection || !has_token(*connection, "upgrade") || !key ||
      !is_websocket_key(*key) || request.headers.count("Sec-WebSocket-Key") != 1)
    return 400;
  auto const version = request.headers.find("Sec-WebSocket-Version");
  return version == "13" ? 0 : 426;
}

}  // namespace berth::http
