#include "tests/contract/conversation.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace berth::contract::testing {

using std::chrono::steady_clock;

void Conversation::type(std::string_view text) {
  while (!text.empty()) {
    auto const n = ::send(console_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool Conversation::listen(Instant until) {
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
  pollfd p{console_.get(), POLLIN, 0};
  if (left <= 0 || ::poll(&p, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 65536> buffer;
  auto const n = ::recv(console_.get(), buffer.data(), buffer.size(), 0);
  if (n <= 0) {
    over_ = true;
    return false;
  }
  heard_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

bool Conversation::expect(std::string_view text, std::chrono::seconds deadline) {
  auto const until = steady_clock::now() + deadline;
  while (true) {
    if (auto const at = heard_.find(text, from_); at != std::string::npos) {
      from_ = at + text.size();
      return true;
    }
    if (!listen(until)) return false;
  }
}

bool Conversation::reach_prompt(std::chrono::seconds deadline) {
  auto const until = steady_clock::now() + deadline;
  auto next_knock = steady_clock::now();
  std::size_t answered = 0;
  auto const asks = [&](std::string_view prompt) {
    auto said = std::string_view(heard_).substr(answered);
    // BusyBox asks the terminal where its cursor is after each prompt (ECMA-48 DSR); nobody needs to answer.
    constexpr std::string_view where_is_the_cursor = "\x1b[6n";
    while (said.ends_with(where_is_the_cursor)) said.remove_suffix(where_is_the_cursor.size());
    return said.ends_with(prompt);
  };
  while (steady_clock::now() < until && !over_) {
    if (asks("# ") || asks("$ ")) {
      from_ = heard_.size();
      return true;
    }
    if (asks("login: ")) {
      answered = heard_.size();
      type("root\r");
    } else if (asks("Password: ")) {
      answered = heard_.size();
      type("berth-test\r");
    } else if (steady_clock::now() >= next_knock) {
      type("\r");  // a prompt that was shown before is shown again
      next_knock = steady_clock::now() + std::chrono::seconds{5};
    }
    listen(std::min(until, next_knock));
  }
  return false;
}

bool Conversation::echoes(std::string const& word, std::chrono::seconds deadline) {
  type("echo " + word + "\r");
  return expect("\n" + word + "\r\n", deadline);
}

bool Conversation::ends(std::chrono::seconds deadline) {
  auto const until = steady_clock::now() + deadline;
  while (!over_ && steady_clock::now() < until) listen(until);
  return over_;
}

}  // namespace berth::contract::testing
