// Questions and answers on a plain terminal: 80 columns, 24 rows, ASCII, no cursor movement, so that a serial line of 9600 baud,
// an SSH session and a script see the same. Belongs to one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::console {

// Where the text goes and lines come from. The real one is Terminal (terminal.hpp); tests have one with a script.
class Line {
 public:
  enum class End { line, closed, timed_out };
  struct Typed {
    End end = End::closed;
    std::string text;  // without its line end
  };

  virtual ~Line() = default;
  virtual void write(std::string_view text) = 0;
  // Before the words of an unseen question: an answer that comes at once is neither shown nor lost. The next read ends it.
  virtual void hide() = 0;
  // Waits for a whole line; at most `patience` when it is given. echo: what is typed is shown.
  virtual Typed read(bool echo, std::optional<std::chrono::milliseconds> patience) = 0;
};

// An answer that is a list: what stands between blanks.
std::vector<std::string> words(std::string_view text);

class Dialogue {
 public:
  static constexpr std::size_t columns = 79;  // the last one makes some terminals wrap

  // patience: whoever says nothing for so long is taken for gone. None: questions wait for ever.
  explicit Dialogue(Line& line, std::optional<std::chrono::minutes> patience = {}) : line_(line), patience_(patience) {}

  // A new page: its name between blank lines.
  void title(std::string_view text);
  // A paragraph, wrapped. Control characters and whatever is not ASCII are shown as '?'.
  void say(std::string_view text);
  // Name and value in two columns; long values are wrapped under themselves.
  void facts(std::vector<std::pair<std::string, std::string>> const& rows);
  // As it is, line by line: a log.
  void lines(std::string_view text);

  // nullopt: the person went back (a single '.') or away, or the line is closed. Enter alone takes the fallback, if there is one.
  std::optional<std::string> ask(std::string_view question, std::string_view fallback = {});
  // Asked again until `problem` says "" of it.
  std::optional<std::string> ask(std::string_view question, std::string_view fallback,
                                 std::function<std::string(std::string const&)> const& problem);
  // Unseen. nullopt also for an empty one.
  std::optional<std::string> ask_secret(std::string_view question);
  // Unseen, and typed twice.
  std::optional<std::string> ask_new_secret(std::string_view question);
  // What was typed within the time; nullopt: nothing.
  std::optional<std::string> ask_within(std::string_view question, std::chrono::seconds time);
  // Enter alone is "no".
  bool sure(std::string_view question);
  // A numbered list; 0 is `leave`. The number chosen; 0 also when the line is closed.
  std::size_t choose(std::vector<std::string> const& items, std::string_view leave = "Back");
  void wait_for_enter();
  // Whether a line was typed within the time. Silence is not what makes a person gone.
  bool enter_within(std::chrono::milliseconds time);

  // Nobody answers any more: every question is nullopt, no or 0.
  bool closed() const { return closed_ || gone_; }
  // The terminal itself is closed; it does not come back.
  bool hung_up() const { return closed_; }
  // Whoever comes next.
  void begin_again() { gone_ = false; }

 private:
  void prompt(std::string_view question, std::string_view more = {});
  std::optional<std::string> read(bool echo = true, std::optional<std::chrono::milliseconds> patience = {});

  Line& line_;
  std::optional<std::chrono::minutes> patience_;
  bool closed_ = false;
  bool gone_ = false;
};

}  // namespace berth::console
