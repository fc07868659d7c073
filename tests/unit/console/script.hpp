// A terminal with a script: what is typed is known beforehand, what is shown is kept.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "firmware/console/dialogue.hpp"

namespace berth::console {

class Script final : public Line {
 public:
  explicit Script(std::deque<std::string> typed) : typed_(std::move(typed)) {}
  void write(std::string_view text) override { shown += text; }
  void hide() override { hidden_ = true; }
  Typed read(bool echo, std::optional<std::chrono::milliseconds>) override {
    if (!echo && std::exchange(hidden_, false)) ++unseen;
    if (typed_.empty()) return {End::closed, {}};
    auto text = typed_.front();
    typed_.pop_front();
    if (text == "<silence>") return {End::timed_out, {}};
    shown += "\n";
    return {End::line, text};
  }
  bool used_up() const { return typed_.empty(); }

  std::string shown;
  int unseen = 0;  // questions whose answers were hidden before their words were shown

 private:
  bool hidden_ = false;
  std::deque<std::string> typed_;
};

// The longest line that was shown.
inline std::size_t widest(std::string const& shown) {
  std::size_t most = 0, at = 0;
  for (std::size_t end; (end = shown.find('\n', at)) != std::string::npos; at = end + 1)
    most = std::max(most, end - at);
  return most;
}

}  // namespace berth::console
