// This program's own terminal while a console is shown.
#pragma once

#include <termios.h>

#include <optional>

namespace berth::cli {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// Keys go through unread by the terminal driver, until destruction. Does nothing when standard input is no terminal.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(RawTerminal const&) = delete;
  RawTerminal& operator=(RawTerminal const&) = delete;
  bool is_terminal() const { return before_.has_value(); }

 private:
  std::optional<termios> before_;
};

// nullopt when standard output is no terminal.
std::optional<TerminalSize> terminal_size();

}  // namespace berth::cli
