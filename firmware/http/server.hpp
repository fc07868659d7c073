// The HTTP server: CivetWeb with mbedTLS behind a small door. One TLS listener, one local socket, one Handler.
//
// A connection costs a worker thread only while a whole request is being answered: handshakes, headers, bodies, idle
// keep-alive connections and slow readers wait in one event loop (rootfs/recipes/civetweb/patches). A stream (WebSocket
// or Server-Sent Events) holds its worker, so streams are capped below the number of workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/result.hpp"
#include "firmware/http/handler.hpp"

namespace berth::http {

// PEM files: a chain (leaf first) and its private key. `names` are the SNI host names it serves ("panel.example.org",
// "*.example.org"); the first certificate of a listener also serves every other name.
struct CertificateFiles {
  std::filesystem::path chain;
  std::filesystem::path key;
  std::vector<std::string> names;
};

struct TlsListener {
  // An IPv4 or IPv6 literal; "::" means every address of both protocols, or of IPv4 alone where the kernel has no IPv6.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the kernel picks one, Server::port() tells it
  std::vector<CertificateFiles> certificates;
};

struct LocalListener {
  std::filesystem::path socket;  // a stale socket file is removed, any other file is an error
  std::optional<gid_t> group;    // mode 0660, given to this group
};

// A request whose body may be larger: the handler gets it with its head, and reads the body itself (Request::incoming). It holds a
// worker while it does.
struct StreamedRequest {
  Method method = Method::post;
  std::string path;
  std::uint64_t bytes_max = 0;
};

struct Config {
  std::optional<TlsListener> tls;
  std::optional<LocalListener> local;
  unsigned workers = 64;
  std::size_t connections_max = 4096;  // TLS takes 35 kB of each; beyond, the one that has waited longest makes room
  std::size_t header_bytes_max = std::size_t{16} << 10;
  std::size_t body_bytes_max = std::size_t{1} << 20;
  std::vector<StreamedRequest> streamed;
  std::size_t buffered_bytes_max = std::size_t{64} << 20;  // of all requests that are still arriving
  std::chrono::milliseconds request_deadline{10'000};      // handshake; and again headers with body
  std::chrono::milliseconds idle_deadline{60'000};         // between two requests of a connection
  std::chrono::milliseconds write_deadline{10'000};        // to take a response, or one piece of a stream
  unsigned streams_max = 48;                               // must be smaller than workers
  unsigned streams_per_owner_max = 8;
  // Whether this host name (lower case, without port) may be used; empty: every valid one. Not asked for the local
  // socket.
  std::function<bool(std::string_view)> host_allowed;
};

// Movable handle; the destructor stops the server. Methods are thread-safe.
class Server {
 public:
  // Errors: invalid_argument for a bad Config, corrupt for a bad certificate, unavailable when an address or socket
  // cannot be had. `handler` must outlive the server.
  [[nodiscard]] static Result<Server> start(Config config, Handler& handler);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  [[nodiscard]] std::uint16_t port() const;  // of the TLS listener; 0 without one
  // Reads certificates again (renewal, a new name) without closing a connection. On error the old ones stay in use.
  [[nodiscard]] Result<void> reload_certificates(std::vector<CertificateFiles> certificates);
  // Ends every stream, lets running requests finish until the deadline, then cuts them. Idempotent.
  void stop(std::chrono::milliseconds deadline);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::http
