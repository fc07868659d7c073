// A body that its handler reads from the connection (Config::streamed).
#pragma once

#include <chrono>

#include "firmware/http/message.hpp"

struct mg_connection;

namespace berth::http {

// On the worker that handles the request. `deadline`: how long a sender may take for each next piece of 64 KiB.
class BodyStream final : public BodyReader {
 public:
  BodyStream(mg_connection* connection, Request const& request, std::uint64_t length,
             std::chrono::milliseconds deadline);

  [[nodiscard]] std::uint64_t length() const override { return length_; }
  [[nodiscard]] Result<std::size_t> read(std::span<char> out) override;
  [[nodiscard]] bool finished() const override { return done_ == length_; }

 private:
  using Clock = std::chrono::steady_clock;
  mg_connection* connection_;
  std::uint64_t const length_;
  std::chrono::milliseconds const deadline_;
  bool awaited_;  // the sender waits for "100 Continue" (RFC 9110 section 10.1.1)
  std::uint64_t done_ = 0;
  std::uint64_t milestone_ = 0;
  Clock::time_point until_;
};

}  // namespace berth::http
