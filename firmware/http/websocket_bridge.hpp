// One WebSocket between CivetWeb and a WebSocketSession. Everything runs on the connection's thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/http/handler.hpp"
#include "firmware/http/stream_registry.hpp"
#include "firmware/http/websocket_channel.hpp"

struct mg_connection;

namespace berth::http {

class WebSocketBridge {
 public:
  WebSocketBridge(mg_connection* connection, AcceptedWebSocket accepted, std::chrono::milliseconds write_deadline);
  WebSocketBridge(WebSocketBridge const&) = delete;
  WebSocketBridge& operator=(WebSocketBridge const&) = delete;
  ~WebSocketBridge();  // on_close, when on_open was called

  [[nodiscard]] Sender sender() const { return Sender(channel_); }
  [[nodiscard]] std::string const& subprotocol() const { return accepted_.subprotocol; }
  [[nodiscard]] int wake_descriptor() const { return channel_->wake_descriptor(); }
  void hold(StreamRegistry::Ticket ticket) { ticket_ = std::make_unique<StreamRegistry::Ticket>(std::move(ticket)); }

  void opened();
  // What mg_websocket_wake_handler returns: 0 to end, 1 to go on, 2 to be called when the socket can be written.
  [[nodiscard]] int wake();
  // A frame, already within CivetWeb's limits (patch 0004). False ends the connection.
  [[nodiscard]] bool received(unsigned first_byte, std::string_view payload);

 private:
  enum class Pumped { done, waiting, broken };
  [[nodiscard]] Pumped pump();
  [[nodiscard]] bool received_message_part(Opcode opcode, bool final, std::string_view payload);
  void refuse(CloseCode code, std::string_view reason);

  using Clock = std::chrono::steady_clock;
  mg_connection* connection_;
  AcceptedWebSocket accepted_;
  std::chrono::milliseconds const write_deadline_;
  std::shared_ptr<Sender::Channel> channel_;
  std::unique_ptr<StreamRegistry::Ticket> ticket_;
  bool opened_ = false;
  std::string frame_;  // being written; its rest must come again unchanged until taken (TLS)
  std::size_t frame_done_ = 0;
  Clock::time_point progress_at_ = Clock::now();
  Clock::time_point heard_at_ = Clock::now();
  Clock::time_point pinged_at_ = Clock::now();
  MessageKind message_kind_ = MessageKind::text;
  std::string message_;
};

}  // namespace berth::http
