// What answers requests: implemented by the API, called by the server on its worker threads, many at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "firmware/http/message.hpp"

namespace berth::http {

// RFC 6455 section 5.6. Text has been checked to be UTF-8.
enum class MessageKind : std::uint8_t { text, binary };

// RFC 6455 section 7.4.1, those a server says.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  invalid_data = 1007,
  policy_violation = 1008,
  too_big = 1009,
  internal_error = 1011,
};

// The writing end of a WebSocket. Thread-safe, copyable, harmless after the socket is gone. What is sent is queued (at
// most AcceptedWebSocket::queue_bytes_max) and written by the connection's own thread.
class Sender {
 public:
  class Channel;
  explicit Sender(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}

  // Waits up to `wait` for room in the queue. False: no room in time, or the socket is closed; nothing was queued.
  // Never wait inside on_open/on_message/on_close: they run on the thread that empties the queue.
  [[nodiscard]] bool send(MessageKind kind, std::string_view bytes,
                          std::chrono::milliseconds wait = std::chrono::milliseconds{0}) const;
  // Sends what is queued and a close frame; a peer that does not read is cut off after two seconds.
  void close(CloseCode code, std::string_view reason) const;
  [[nodiscard]] bool open() const;

 private:
  std::shared_ptr<Channel> channel_;
};

// One WebSocket. All calls come from one thread, one after the other; on_close comes last and exactly once after
// on_open.
class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  virtual void on_open(Sender sender) = 0;
  virtual void on_message(MessageKind kind, std::string_view bytes) = 0;
  virtual void on_close() = 0;
};

struct AcceptedWebSocket {
  std::unique_ptr<WebSocketSession> session;
  std::string owner;        // sockets are capped per owner together with streams (Config::streams_per_owner_max)
  std::string subprotocol;  // one of those the client offered, or empty
  std::size_t message_bytes_max = std::size_t{1} << 20;  // never more than 1 MiB
  std::size_t queue_bytes_max = std::size_t{1} << 20;
};

// Yes with a session, or no with the response to give.
using WebSocketDecision = std::variant<Response, AcceptedWebSocket>;

class Handler {
 public:
  virtual ~Handler() = default;
  // Called on many threads at once. Must not throw; if it does the client gets 500 and the log a line.
  [[nodiscard]] virtual Response handle(Request const& request) = 0;
  // Called for a well-formed upgrade request (RFC 6455 section 4.2.1) before it is answered. Check Origin and ticket
  // here.
  [[nodiscard]] virtual WebSocketDecision accept_websocket(Request const& request) = 0;
};

}  // namespace berth::http
