#include "firmware/http/websocket_channel.hpp"

#include <sys/eventfd.h>

#include <cstdint>

namespace berth::http {

std::string make_frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += static_cast<char>(0x80 | static_cast<unsigned char>(opcode));
  auto const append_length = [&](int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      frame += static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> shift) & 0xff);
  };
  if (payload.size() < 126) {
    append_length(1);
  } else if (payload.size() <= 0xffff) {
    frame += static_cast<char>(126);
    append_length(2);
  } else {
    frame += static_cast<char>(127);
    append_length(8);
  }
  return frame.append(payload);
}

std::string close_payload(CloseCode code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(static_cast<std::uint16_t>(code) >> 8);
  payload += static_cast<char>(static_cast<std::uint16_t>(code) & 0xff);
  return payload.append(reason.substr(0, 123));
}

bool Sender::send(MessageKind kind, std::string_view bytes, std::chrono::milliseconds wait) const {
  return channel_->send(kind, bytes, wait);
}
void Sender::close(CloseCode code, std::string_view reason) const {
  channel_->close(code, reason);
}
bool Sender::open() const {
  return channel_->open();
}

Sender::Channel::Channel(std::size_t queue_bytes_max)
    : queue_bytes_max_(queue_bytes_max), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Sender::Channel::wake() {
  std::uint64_t const one = 1;
  // A full counter means that the thread is awake already.
  [[maybe_unused]] auto const written = ::write(wake_.get(), &one, sizeof one);
}

void Sender::Channel::clear_wake() {
  std::uint64_t count = 0;
  [[maybe_unused]] auto const read = ::read(wake_.get(), &count, sizeof count);
}

bool Sender::Channel::send(MessageKind kind, std::string_view bytes, std::chrono::milliseconds wait) {
  auto frame = make_frame(kind == MessageKind::text ? Opcode::text : Opcode::binary, bytes);
  std::unique_lock lock(mutex_);
  // A message larger than the whole queue goes when the queue is empty, else it could never go.
  auto const fits = [&] { return !open_ || queued_bytes_ == 0 || queued_bytes_ + frame.size() <= queue_bytes_max_; };
  if (!room_.wait_for(lock, wait, fits) || !open_) return false;
  queued_bytes_ += frame.size();
  frames_.push_back(std::move(frame));
  lock.unlock();
  wake();
  return true;
}

void Sender::Channel::close(CloseCode code, std::string_view reason) {
  {
    std::lock_guard const lock(mutex_);
    if (!open_) return;
    open_ = false;
    closing_since_ = std::chrono::steady_clock::now();
    frames_.push_back(make_frame(Opcode::close, close_payload(code, reason)));
    queued_bytes_ += frames_.back().size();
  }
  room_.notify_all();
  wake();
}

bool Sender::Channel::open() {
  std::lock_guard const lock(mutex_);
  return open_;
}

void Sender::Channel::send_control(Opcode opcode, std::string_view payload) {
  std::lock_guard const lock(mutex_);
  if (!open_ || controls_ >= 4) return;
  ++controls_;
  frames_.push_back(make_frame(opcode, payload));
  queued_bytes_ += frames_.back().size();
}

std::optional<std::string> Sender::Channel::next_frame() {
  std::optional<std::string> frame;
  {
    std::lock_guard const lock(mutex_);
    if (frames_.empty()) return std::nullopt;
    frame = std::move(frames_.front());
    frames_.pop_front();
    queued_bytes_ -= frame->size();
    if ((frame->front() & 0x08) != 0 && controls_ > 0) --controls_;
  }
  room_.notify_all();
  return frame;
}

std::optional<std::chrono::steady_clock::time_point> Sender::Channel::closing_since() {
  std::lock_guard const lock(mutex_);
  return closing_since_;
}

void Sender::Channel::detach() {
  {
    std::lock_guard const lock(mutex_);
    open_ = false;
    frames_.clear();
    queued_bytes_ = 0;
  }
  room_.notify_all();
}

}  // namespace berth::http
