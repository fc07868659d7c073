// The web pages, embedded in the program at build time (cmake: berth_embed_assets in firmware/http/assets.cmake).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/http/message.hpp"

namespace berth::http {

struct Asset {
  std::string_view path;          // "/assets/app-3f2a91c0.js"
  std::string_view content_type;  // "text/javascript; charset=utf-8"
  std::string_view etag;          // weak (W/"..."), over the identity bytes: one tag for both encodings
  std::string_view identity;
  std::string_view gzip;  // empty where compression gains nothing
  bool immutable;         // its name carries a hash of its content: cache for ever
};

// What a library made by berth_embed_assets() holds, sorted by path; empty when there was nothing to embed.
[[nodiscard]] std::span<Asset const> embedded_assets();

// Pure and thread-safe once made.
class StaticAssets {
 public:
  // `assets` sorted by path. `client_routes` are the addresses that the pages' own router knows, where a part that
  // begins with ':' stands for any one ("/servers/:server/console"): a GET of one that is no asset gets /index.html. Of
  // any other address without a file extension, a browser that navigates gets the same page with status 404, which says
  // so in the reader's words.
  StaticAssets(std::span<Asset const> assets, std::vector<std::string> client_routes);

  // The answer for GET and HEAD (200, 304, 404; 405 for another method on an asset's path); nullopt when the path is not
  // ours.
  [[nodiscard]] std::optional<Response> respond(Request const& request) const;

 private:
  [[nodiscard]] Asset const* find(std::string_view path) const;
  [[nodiscard]] bool is_client_route(std::string_view path) const;

  std::span<Asset const> assets_;
  std::vector<std::string> client_routes_;
};

// The headers every response carries (the server adds them where the handler set none of that name): no script, style,
// frame or request leaves the panel's own origin. Strict-Transport-Security is left out on purpose: with a self-signed
// certificate it would make the browser's warning impossible to pass (RFC 6797 section 12.1), and locks the operator
// out.
[[nodiscard]] std::span<std::pair<std::string_view, std::string_view> const> security_headers();

}  // namespace berth::http
