// What stands between a Sender (any thread) and the one thread that writes to its WebSocket: a bounded queue of frames.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/descriptor.hpp"
#include "firmware/http/handler.hpp"

namespace berth::http {

enum class Opcode : unsigned char { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A server's frame: final, unmasked (RFC 6455 section 5.2).
[[nodiscard]] std::string make_frame(Opcode opcode, std::string_view payload);
// The payload of a close frame (section 5.5.1); the reason is cut to 123 bytes.
[[nodiscard]] std::string close_payload(CloseCode code, std::string_view reason);

}  // namespace berth::http

class berth::http::Sender::Channel {
 public:
  explicit Channel(std::size_t queue_bytes_max);

  // ---- any thread
  [[nodiscard]] bool send(MessageKind kind, std::string_view bytes, std::chrono::milliseconds wait);
  void close(CloseCode code, std::string_view reason);
  [[nodiscard]] bool open();

  // ---- the connection's thread
  [[nodiscard]] int wake_descriptor() const { return wake_.get(); }
  void clear_wake();
  // Answers to the peer's control frames; dropped when more than a few wait, as one is enough.
  void send_control(Opcode opcode, std::string_view payload);
  [[nodiscard]] std::optional<std::string> next_frame();
  // Set once close() was called: when it was.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> closing_since();
  // The socket is gone: every later send() returns false.
  void detach();

 private:
  void wake();

  std::size_t const queue_bytes_max_;
  Descriptor wake_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::string> frames_;
  std::size_t queued_bytes_ = 0;
  std::size_t controls_ = 0;
  bool open_ = true;
  std::optional<std::chrono::steady_clock::time_point> closing_since_;
};
