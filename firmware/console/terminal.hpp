// The terminal this program was started on: a virtual one, a serial line at whatever speed it has, or an SSH session.
#pragma once

#include <termios.h>

#include "firmware/console/dialogue.hpp"

namespace berth::console {

class Terminal final : public Line {
 public:
  Terminal() = default;
  ~Terminal() override { show(); }
  Terminal(Terminal const&) = delete;
  Terminal& operator=(Terminal const&) = delete;
  void hide() override;
  void write(std::string_view text) override;
  // Backspace and Ctrl-U work as the line's discipline has them. What is typed ahead before an unseen question is dropped.
  Typed read(bool echo, std::optional<std::chrono::milliseconds> patience) override;

 private:
  void show();
  Typed read_line(std::optional<std::chrono::milliseconds> patience);
  std::optional<termios> shown_;  // the settings to go back to
  std::string ahead_;             // read, and not asked for yet
};

}  // namespace berth::console
