// What HTTP says to the layers above: a request that has arrived whole and was checked, and the answer to it.
//
// Nothing here knows users, sessions or servers. Values are plain and owned; a Request or Response belongs to one
// thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth::http {

// RFC 9110 section 9. Any other method is answered 501 before a handler sees it.
enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };

[[nodiscard]] std::string_view to_string(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view name);

// Header fields in the order they came. Names compare without regard to case (RFC 9110 section 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  // The first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  void add(std::string name, std::string value);
  // Removes every field of that name, then adds one.
  void set(std::string_view name, std::string value);
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Who is at the other end of the socket. Taken from the socket only: Forwarded and X-Forwarded-* are never believed.
struct PeerAddress {
  std::string ip;  // "192.0.2.7", "2001:db8::1"; empty for the local socket
  std::uint16_t port = 0;
};

// SO_PEERCRED of the local socket (unix(7)): the process that connected, as the kernel saw it then.
struct PeerCredentials {
  uid_t uid;
  gid_t gid;
  pid_t pid;
};

// A body that is still on its way, on the thread that handles the request. What is left unread ends the connection.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  [[nodiscard]] virtual std::uint64_t length() const = 0;
  [[nodiscard]] virtual bool finished() const = 0;
  // Fills the front of `out`; 0: all of it has come. Errors: timed_out ("body-too-slow"), cancelled ("body-cut-off").
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> out) = 0;
};

struct Request {
  Method method = Method::get;
  // Percent-decoded, begins with '/', without query; holds no empty, "." or ".." segment and no control byte.
  std::string path;
  std::string query;  // as sent, without '?'; decode with query_parameter()
  std::string host;   // the one valid Host field, lower case, with its port if it had one
  Headers headers;
  std::string body;                // at most Config::body_bytes_max
  BodyReader* incoming = nullptr;  // instead, where Config::streamed says so: it has not been read yet
  PeerAddress peer;
  std::optional<PeerCredentials> local_peer;  // only over the UNIX socket
  bool secure = false;                        // came over TLS
};

// The decoded value of the first parameter of that name in a query or form; nullopt if absent or wrongly encoded.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query, std::string_view name);
// The value of a cookie in the Cookie field (RFC 6265 section 4.2.1); nullopt if absent or sent more than once.
[[nodiscard]] std::optional<std::string_view> cookie(Headers const& headers, std::string_view name);
// Percent-decoding (RFC 3986 section 2.1); nullopt when a '%' is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// The writing end of a streamed response, on the thread that runs Response::stream.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Sends all of it, waiting for a slow reader at most Config::write_deadline. False: the stream is over, return.
  [[nodiscard]] virtual bool write(std::string_view bytes) = 0;
  // False once the client left, the server stops or a StreamCloser closed it. Cheap; ask at least every few seconds.
  [[nodiscard]] virtual bool open() = 0;
  // Requested when the server stops or a StreamCloser closes: wait with std::condition_variable_any and this token.
  // (A client that leaves is seen by open() and write() only.)
  [[nodiscard]] virtual std::stop_token stopping() = 0;
  // A handle by which any thread may end this stream at once, whatever its own thread is doing.
  [[nodiscard]] virtual class StreamCloser closer() = 0;
};

// Thread-safe, copyable, harmless after the stream is gone.
class StreamCloser {
 public:
  explicit StreamCloser(std::function<void()> close)
      : close_(std::make_shared<std::function<void()>>(std::move(close))) {}
  void close() const { (*close_)(); }

 private:
  std::shared_ptr<std::function<void()>> close_;
};

// A response that goes on (Server-Sent Events). It holds one worker thread until `run` returns.
struct Stream {
  std::function<void(StreamWriter&)> run;
  std::string owner;  // streams are capped per owner (Config::streams_per_owner_max), for example the user's id
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date, Connection and the security headers are added by the server
  std::string body;
  std::string_view static_body;  // instead of body: bytes that live as long as the program
  std::optional<Stream> stream;  // instead of both

  [[nodiscard]] static Response text(int status, std::string body);
};

// The reason phrase of RFC 9110 section 15; "Status" for a code without one.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace berth::http
