// The inside of Server: CivetWeb's callbacks on one side, the Handler on the other.
#pragma once

#include <civetweb.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "firmware/http/response_writer.hpp"
#include "firmware/http/server.hpp"
#include "firmware/http/stream_registry.hpp"
#include "firmware/http/websocket_bridge.hpp"

namespace berth::http {

class Server::Impl {
 public:
  Impl(Config config, Handler& handler);
  Impl(Impl const&) = delete;
  Impl& operator=(Impl const&) = delete;
  ~Impl();

  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<void> set_certificates(std::vector<CertificateFiles> const& certificates);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void stop(std::chrono::milliseconds deadline);

 private:
  // Counts the requests that a handler is answering, so that stop() can wait for them.
  class Running {
   public:
    explicit Running(Impl& impl);
    Running(Running const&) = delete;
    Running& operator=(Running const&) = delete;
    ~Running();

   private:
    Impl& impl_;
  };
  // What a WebSocket keeps from its acceptance to its end.
  struct OpenWebSocket {
    OpenWebSocket(Impl& impl, std::string request_path, std::chrono::steady_clock::time_point begin,
                  mg_connection* connection, AcceptedWebSocket accepted)
        : running(impl),
          path(std::move(request_path)),
          since(begin),
          bridge(connection, std::move(accepted), impl.config_.write_deadline) {}
    Running running;
    std::string path;
    std::chrono::steady_clock::time_point since;
    WebSocketBridge bridge;
  };
  struct AccessLine {
    std::string_view method, path;
    int status;
    std::chrono::steady_clock::time_point since;
  };

  static Impl& of(mg_connection const* connection);
  static int on_request(mg_connection* connection) noexcept;
  static void on_request_end(mg_connection const* connection, int status) noexcept;
  static int on_message(mg_connection const* connection, char const* message) noexcept;
  static mg_callbacks callbacks();
  void register_websockets();

  // These return the status for the log; 0 when CivetWeb shall go on with the WebSocket handshake.
  int exchange(mg_connection* connection);
  int answer(mg_connection* connection, Request const* request, Response response);
  int run_stream(mg_connection* connection, Request const& request, Response const& response);
  int accept_websocket(mg_connection* connection, Request const& request, std::chrono::steady_clock::time_point since);
  void log_access(AccessLine const& line) const;

  // CivetWeb's configuration, name and value.
  using Options = std::vector<std::pair<char const*, std::string>>;
  [[nodiscard]] Options options(std::string const& ports) const;
  [[nodiscard]] Result<std::string> listening_ports() const;
  void learn_port();
  [[nodiscard]] bool stopping();

  Config const config_;
  Handler& handler_;
  StreamRegistry streams_;
  std::mutex mutex_;
  std::condition_variable idle_;
  unsigned running_ = 0;
  bool stopping_ = false;
  std::string start_message_;  // CivetWeb's last words while it starts
  mg_context* context_ = nullptr;
  std::uint16_t port_ = 0;
};

}  // namespace berth::http
