// The panel's API as the command line sees it: HTTP over the local socket, by libcurl. Belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::cli {

class Client {
 public:
  // Nothing is connected before the first request. Errors: internal when libcurl cannot be set up.
  static Result<Client> make(std::string socket);

  // `path` is below /api/v1 and percent-encoded. The body of a 2xx answer (null when it has none).
  // Errors: what the panel's problem document says, in its code's nearest ErrorCode; unavailable ("panel-down") when nobody answers.
  Result<json::value> get(std::string_view path);
  Result<json::value> post(std::string_view path, json::value const& body, bool idempotent = false);
  Result<json::value> post(std::string_view path);
  Result<json::value> put(std::string_view path, json::value const& body);
  // A file as the body. Errors: not_found ("no-such-file").
  Result<json::value> send_file(std::string_view path, std::string const& file);
  // What stands at `path` into a file, replaced or made 0600. Errors: io.
  Result<void> fetch_file(std::string_view path, std::string const& file);
  Result<json::value> remove(std::string_view path);
  Result<json::value> patch(std::string_view path, json::value const& body, std::string_view if_match);
  // The entity tag of what stands at `path`.
  Result<std::string> etag(std::string_view path);
  // Whether `name` may run this machine with `password`. The session that proves it is ended at once.
  // Errors: unauthenticated, rate_limited, forbidden (somebody, but no administrator).
  Result<void> check_administrator(std::string_view name, std::string_view password);
  // Every item of a paged list.
  Result<json::array> all(std::string_view path);

  std::string const& socket() const { return socket_; }

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  struct Request;
  struct Reply {
    long status = 0;
    std::string etag;
    std::string cookie;  // "name=value"
    std::string body;
  };
  explicit Client(std::string socket, void* handle) : socket_(std::move(socket)), handle_(handle) {}
  Result<Reply> perform(Request const& request);
  Result<json::value> ask(Request const& request);

  std::string socket_;
  std::unique_ptr<void, Free> handle_;
};

// RFC 3986 section 2.1, for one path segment or query value.
std::string percent_encode(std::string_view text);
// What a problem document says, as an Error. Pure.
Error error_of(long status, std::string_view body);

}  // namespace berth::cli
