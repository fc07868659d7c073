#include "firmware/http/event_stream.hpp"

#include <civetweb.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>

namespace berth::http {
namespace {
constexpr std::size_t piece_bytes = 16 * 1024;  // one TLS record
}

EventStream::EventStream(mg_connection* connection, std::chrono::milliseconds write_deadline)
    : connection_(connection), write_deadline_(write_deadline), shared_(std::make_shared<Shared>()) {
  shared_->wake.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

bool EventStream::wait_for_room(std::chrono::steady_clock::time_point deadline) const {
  auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return false;
  std::array<pollfd, 2> wait{{{mg_get_socket(connection_), POLLOUT, 0}, {shared_->wake.get(), POLLIN, 0}}};
  return ::poll(wait.data(), wait.size(), static_cast<int>(left.count())) > 0 && wait[1].revents == 0;
}

bool EventStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (broken_ || shared_->stop.stop_requested()) return false;
    auto const piece = bytes.substr(0, piece_bytes);
    auto const deadline = std::chrono::steady_clock::now() + write_deadline_;
    int n = mg_try_write(connection_, piece.data(), piece.size());
    while (n == 0 && wait_for_room(deadline)) n = mg_try_write(connection_, piece.data(), piece.size());
    if (n <= 0) {
      // What TLS may have begun to send cannot be taken back: nothing else may follow on this connection.
      broken_ = true;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return open();
}

bool EventStream::open() {
  if (broken_ || shared_->stop.stop_requested()) return false;
  pollfd peer{mg_get_socket(connection_), POLLRDHUP, 0};
  return ::poll(&peer, 1, 0) == 0;
}

std::stop_token EventStream::stopping() {
  return shared_->stop.get_token();
}

StreamCloser EventStream::closer() {
  return StreamCloser([shared = shared_] {
    shared->stop.request_stop();
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const written = ::write(shared->wake.get(), &one, sizeof one);
  });
}

}  // namespace berth::http
