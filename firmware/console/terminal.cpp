#include "firmware/console/terminal.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace berth::console {
namespace {

constexpr std::size_t line_bytes_max = 4096;  // what the line discipline itself keeps (N_TTY_BUF_SIZE)

// Nothing that is typed is shown until destruction.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto settings = before_;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    settings.c_lflag |= ECHONL;
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0;
  }
  ~Unseen() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  Unseen(Unseen const&) = delete;
  Unseen& operator=(Unseen const&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

}  // namespace

void Terminal::write(std::string_view text) {
  while (!text.empty()) {
    auto const n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // nobody there: the next read says so
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

Line::Typed Terminal::read(bool echo, std::optional<std::chrono::milliseconds> patience) {
  std::optional<Unseen> unseen;
  if (!echo) unseen.emplace();
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
