#include "firmware/http/websocket_bridge.hpp"

#include <civetweb.h>

#include <algorithm>

#include "firmware/http/utf8.hpp"

namespace berth::http {
namespace {

constexpr std::chrono::seconds ping_every{25};   // below the idle limits of common proxies
constexpr std::chrono::seconds silence_max{80};  // three pings without an answer
constexpr std::chrono::seconds goodbye_max{2};
constexpr std::size_t piece_bytes = 16 * 1024;  // one TLS record

}  // namespace

WebSocketBridge::WebSocketBridge(mg_connection* connection, AcceptedWebSocket accepted,
                                 std::chrono::milliseconds write_deadline)
    : connection_(connection),
      accepted_(std::move(accepted)),
      write_deadline_(write_deadline),
      channel_(std::make_shared<Sender::Channel>(accepted_.queue_bytes_max)) {}

WebSocketBridge::~WebSocketBridge() {
  channel_->detach();
  if (opened_) accepted_.session->on_close();
}

void WebSocketBridge::opened() {
  opened_ = true;
  accepted_.session->on_open(sender());
}

WebSocketBridge::Pumped WebSocketBridge::pump() {
  for (;;) {
    if (frame_done_ == frame_.size()) {
      auto next = channel_->next_frame();
      if (!next) return Pumped::done;
      frame_ = std::move(*next);
      frame_done_ = 0;
      progress_at_ = Clock::now();
    }
    auto const rest = std::string_view(frame_).substr(frame_done_, piece_bytes);
    int const n = mg_try_write(connection_, rest.data(), rest.size());
    if (n < 0) return Pumped::broken;
    if (n == 0) return Clock::now() - progress_at_ > write_deadline_ ? Pumped::broken : Pumped::waiting;
    frame_done_ += static_cast<std::size_t>(n);
    progress_at_ = Clock::now();
  }
}

int WebSocketBridge::wake() {
  channel_->clear_wake();
  auto const now = Clock::now();
  auto const closing = channel_->closing_since();
  if (closing && now - *closing > goodbye_max) return 0;
  if (now - heard_at_ > silence_max) return 0;
  if (!closing && now - std::max(heard_at_, pinged_at_) > ping_every) {
    channel_->send_control(Opcode::ping, {});
    pinged_at_ = now;
  }
  switch (pump()) {
    case Pumped::broken:
      return 0;
    case Pumped::waiting:
      return 2;
    case Pumped::done:
      return closing ? 0 : 1;
  }
  return 0;
}

void WebSocketBridge::refuse(CloseCode code, std::string_view reason) {
  channel_->close(code, reason);
  [[maybe_unused]] auto const pumped = pump();  // as far as the socket takes it; the connection ends in any case
}

bool WebSocketBridge::received(unsigned first_byte, std::string_view payload) {
  heard_at_ = Clock::now();
  auto const opcode = static_cast<Opcode>(first_byte & 0x0fU);
  switch (opcode) {
    case Opcode::ping:
      channel_->send_control(Opcode::pong, payload);
      return true;
    case Opcode::pong:
      return true;
    case Opcode::close:
      refuse(CloseCode::normal, {});
      return false;
    default:
      return received_message_part(opcode, (first_byte & 0x80U) != 0, payload);
  }
}

bool WebSocketBridge::received_message_part(Opcode opcode, bool final, std::string_view payload) {
  if (opcode == Opcode::text) message_kind_ = MessageKind::text;
  if (opcode == Opcode::binary) message_kind_ = MessageKind::binary;
  if (message_.size() + payload.size() > accepted_.message_bytes_max) {
    refuse(CloseCode::too_big, {});
    return false;
  }
  message_.append(payload);
  if (!final) return true;
  if (message_kind_ == MessageKind::text && !is_utf8(message_)) {
    refuse(CloseCode::invalid_data, {});
    return false;
  }
  auto const message = std::exchange(message_, {});
  if (channel_->open()) accepted_.session->on_message(message_kind_, message);
  return true;
}

}  // namespace berth::http
