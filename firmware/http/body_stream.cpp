#include "firmware/http/body_stream.hpp"

#include <civetweb.h>

#include <algorithm>
#include <utility>

namespace berth::http {
namespace {

constexpr std::uint64_t milestone_bytes = 64 << 10;
constexpr int look_every_ms = 250;  // a sender that is gone, a server that stops

bool awaits_leave(Request const& request) {
  auto const expect = request.headers.find("Expect");
  return expect && (*expect == "100-continue" || *expect == "100-Continue");
}

}  // namespace

BodyStream::BodyStream(mg_connection* connection, Request const& request, std::uint64_t length,
                       std::chrono::milliseconds deadline)
    : connection_(connection),
      length_(length),
      deadline_(deadline),
      awaited_(awaits_leave(request)),
      milestone_(milestone_bytes),
      until_(Clock::now() + deadline) {}

Result<std::size_t> BodyStream::read(std::span<char> out) {
  if (finished() || out.empty()) return 0;
  if (std::exchange(awaited_, false)) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (mg_write(connection_, go_on.data(), go_on.size()) <= 0)
      return fail(ErrorCode::cancelled, "body-cut-off", "The sender left before all of the body had come.");
  }
  for (;;) {
    int const n = mg_read_some(connection_, out.data(), out.size(), look_every_ms);
    if (n > 0) {
      done_ += static_cast<std::uint64_t>(n);
      if (done_ >= milestone_) {
        milestone_ = done_ + milestone_bytes;
        until_ = Clock::now() + deadline_;
      }
      return static_cast<std::size_t>(n);
    }
    if (n == -1 || n == 0)
      return fail(ErrorCode::cancelled, "body-cut-off", "The sender left before all of the body had come.");
    if (Clock::now() >= until_) return fail(ErrorCode::timed_out, "body-too-slow", "The body came too slowly.");
  }
}

}  // namespace berth::http
