#include "firmware/http/static_assets.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "firmware/http/response_writer.hpp"

namespace berth::http {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> headers{{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
     "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "accelerometer=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"X-Frame-Options", "DENY"},  // for browsers that do not know frame-ancestors
}};

// Accept-Encoding (RFC 9110 section 12.5.3): gzip named and not refused by "q=0". '*' is left to identity.
bool accepts_gzip(Request const& request) {
  auto const field = request.headers.find("Accept-Encoding");
  if (!field) return false;
  std::string_view rest = *field;
  while (!rest.empty()) {
    auto const end = rest.find(',');
    std::string part(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    std::erase(part, ' ');
    std::string_view const name = std::string_view(part).substr(0, part.find(';'));
    if (name != "gzip") continue;
    auto const weight = part.find(";q=");
    return weight == std::string::npos || part.find_first_not_of("0.", weight + 3) != std::string::npos;
  }
  return false;
}

// What an address bar or a link asks for, and a script, a picture or curl does not.
bool is_navigation(Request const& request) {
  if (request.method != Method::get && request.method != Method::head) return false;
  auto const accept = request.headers.find("Accept");
  auto const name = std::string_view(request.path).substr(request.path.rfind('/') + 1);
  return accept && accept->contains("text/html") && !name.contains('.');
}

// "/servers/:server" fits "/servers/srv_1" and "/servers/srv_1/".
bool fits(std::string_view pattern, std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  auto const next = [](std::string_view& rest) {
    auto const part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    return part;
  };
  while (!pattern.empty() && !path.empty()) {
    auto const wanted = next(pattern);
    auto const given = next(path);
    if (wanted.starts_with(':') ? given.empty() : wanted != given) return false;
  }
  return pattern.empty() && path.empty();
}

bool has_etag(std::string_view field, std::string_view etag) {
  return field == "*" || field.contains(etag);  // a list of quoted tags: a quoted one cannot be part of another
}

}  // namespace

std::span<std::pair<std::string_view, std::string_view> const> security_headers() {
  return headers;
}

StaticAssets::StaticAssets(std::span<Asset const> assets, std::vector<std::string> client_routes)
    : assets_(assets), client_routes_(std::move(client_routes)) {}

Asset const* StaticAssets::find(std::string_view path) const {
  auto const at = std::ranges::lower_bound(assets_, path, {}, &Asset::path);
  return at != assets_.end() && at->path == path ? &*at : nullptr;
}

bool StaticAssets::is_client_route(std::string_view path) const {
  return std::ranges::any_of(client_routes_, [&](std::string const& route) { return fits(route, path); });
}

std::optional<Response> StaticAssets::respond(Request const& request) const {
  Asset const* asset = find(request.path);
  bool const unknown = asset == nullptr && !is_client_route(request.path);
  if (asset == nullptr && (!unknown || is_navigation(request))) asset = find("/index.html");
  if (asset == nullptr) return std::nullopt;
  if (request.method != Method::get && request.method != Method::head) {
    auto refusal = problem(405);
    refusal.headers.add("Allow", "GET, HEAD");
    return refusal;
  }
  Response response;
  response.status = unknown ? 404 : 200;
  response.headers.add("Content-Type", std::string(asset->content_type));
  response.headers.add("ETag", std::string(asset->etag));
  response.headers.add("Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!asset->gzip.empty()) response.headers.add("Vary", "Accept-Encoding");
  auto const known = request.headers.find("If-None-Match");
  if (!unknown && known && has_etag(*known, asset->etag)) {
    response.status = 304;
    return response;
  }
  if (!asset->gzip.empty() && accepts_gzip(request)) {
    response.headers.add("Content-Encoding", "gzip");
    response.static_body = asset->gzip;
  } else {
    response.static_body = asset->identity;
  }
  return response;
}

}  // namespace berth::http
