#include "firmware/console/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace berth::console {
namespace {

constexpr std::size_t line_bytes_max = 4096;  // what the line discipline itself keeps (N_TTY_BUF_SIZE)

}  // namespace

void Terminal::write(std::string_view text) {
  while (!text.empty()) {
    auto const n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // nobody there: the next read says so
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Terminal::hide() {
  termios now{};
  if (shown_ || ::tcgetattr(STDIN_FILENO, &now) != 0) return;
  auto unseen = now;
  unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  unseen.c_lflag |= ECHONL;
  ahead_.clear();
  if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) == 0) shown_ = now;
}

void Terminal::show() {
  if (shown_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*shown_);
  shown_.reset();
}

Line::Typed Terminal::read(bool echo, std::optional<std::chrono::milliseconds> patience) {
  if (!echo) hide();
  auto typed = read_line(patience);
  show();
  return typed;
}

Line::Typed Terminal::read_line(std::optional<std::chrono::milliseconds> patience) {
  auto const until = std::chrono::steady_clock::now() + patience.value_or(std::chrono::milliseconds::zero());
  while (true) {
    if (auto const end = ahead_.find('\n'); end != std::string::npos) {
      Typed typed{End::line, ahead_.substr(0, end)};
      ahead_.erase(0, end + 1);
      if (typed.text.ends_with('\r')) typed.text.pop_back();
      return typed;
    }
    if (ahead_.size() > line_bytes_max) ahead_.clear();
    int wait_ms = -1;
    if (patience) {
      auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return {End::timed_out, {}};
      wait_ms = static_cast<int>(left.count());
    }
    pollfd p{STDIN_FILENO, POLLIN, 0};
    int const ready = ::poll(&p, 1, wait_ms);
    if (ready <= 0) continue;
    char buffer[512];
    auto const n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return {End::closed, {}};
    ahead_.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace berth::console
