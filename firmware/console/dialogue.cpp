#include "firmware/console/dialogue.hpp"

#include <algorithm>
#include <charconv>
#include <format>

namespace berth::console {
namespace {

// A question longer than this stands on lines of its own, so that the answer has room beside its mark.
constexpr std::size_t prompt_columns = 60;

std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      if ((c & 0xC0) == 0xC0) out += '?';  // once for each character of UTF-8
    } else {
      out += c < 0x20 || c == 0x7F ? '?' : text[i];
    }
  }
  return out;
}

// `text` in lines of at most `width`, broken at blanks where there are any.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::string const all = plain(text);
  std::size_t at = 0;
  while (at < all.size()) {
    auto const end = std::min(all.find(' ', at), all.size());
    auto word = std::string_view(all).substr(at, end - at);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    for (; word.size() > width; word.remove_prefix(width)) {
      if (!lines.back().empty()) lines.emplace_back();
      lines.back() = word.substr(0, width);
      lines.emplace_back();
    }
    if (!lines.back().empty() && !word.empty()) lines.back() += ' ';
    lines.back() += word;
    at = end + 1;
  }
  return lines;
}

std::string trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

}  // namespace

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    auto const end = std::min(text.find(' '), text.size());
    if (end > 0) all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

void Dialogue::title(std::string_view text) {
  line_.write(
      std::format("\n--- {} {}\n\n", plain(text), std::string(columns - std::min(columns, text.size() + 5), '-')));
}

void Dialogue::say(std::string_view text) {
  for (auto const& line : wrapped(text, columns)) line_.write(line + "\n");
}

void Dialogue::facts(std::vector<std::pair<std::string, std::string>> const& rows) {
  std::size_t width = 0;
  for (auto const& [name, unused] : rows) width = std::max(width, name.size() + 2);
  for (auto const& [name, value] : rows) {
    std::string head = plain(name) + ":";
    for (auto const& line : wrapped(value, columns - width - 1)) {
      line_.write(head + std::string(width + 1 - head.size(), ' ') + line + "\n");
      head.clear();
    }
  }
}

void Dialogue::lines(std::string_view text) {
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    line_.write(plain(text.substr(0, end)).substr(0, columns) + "\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<std::string> Dialogue::read(bool echo, std::optional<std::chrono::milliseconds> patience) {
  if (closed()) return std::nullopt;
  auto typed = line_.read(echo, patience ? patience : patience_);
  closed_ = typed.end == Line::End::closed;
  if (typed.end == Line::End::timed_out && !patience) {
    gone_ = true;
    line_.write("\n");
  }
  if (typed.end != Line::End::line) return std::nullopt;
  return std::move(typed.text);
}

void Dialogue::prompt(std::string_view question, std::string_view more) {
  auto text = plain(question) + plain(more);
  if (text.size() + 2 <= prompt_columns) return line_.write(text + ": ");
  say(text + ":");
  line_.write("> ");
}

std::optional<std::string> Dialogue::ask(std::string_view question, std::string_view fallback) {
  while (true) {
    prompt(question, fallback.empty() ? std::string() : " [" + std::string(fallback) + "]");
    auto typed = read();
    if (!typed) return std::nullopt;
    auto answer = trimmed(*typed);
    if (answer == ".") return std::nullopt;
    if (!answer.empty()) return answer;
    if (!fallback.empty()) return std::string(fallback);
    say("Please type an answer, or a single dot to go back.");
  }
}

std::optional<std::string> Dialogue::ask(std::string_view question, std::string_view fallback,
                                         std::function<std::string(std::string const&)> const& problem) {
  while (auto answer = ask(question, fallback)) {
    auto const why_not = problem(*answer);
    if (why_not.empty()) return answer;
    say(why_not);
  }
  return std::nullopt;
}

std::optional<std::string> Dialogue::ask_secret(std::string_view question) {
  line_.hide();
  prompt(question);
  auto typed = read(false);
  return typed && !typed->empty() ? std::move(typed) : std::nullopt;
}

std::optional<std::string> Dialogue::ask_new_secret(std::string_view question) {
  while (true) {
    auto first = ask_secret(question);
    if (!first) return std::nullopt;
    line_.hide();
    line_.write("Once more: ");
    auto const second = read(false);
    if (!second) return std::nullopt;
    if (*first == *second) return first;
    say("Those two differ. Try again, or press Enter to go back.");
  }
}

std::optional<std::string> Dialogue::ask_within(std::string_view question, std::chrono::seconds time) {
  prompt(question);
  auto typed = read(true, time);
  if (!typed) line_.write("\n");
  return typed ? std::optional(trimmed(*typed)) : std::nullopt;
}

bool Dialogue::sure(std::string_view question) {
  while (true) {
    prompt(question, " (yes/no) [no]");
    auto const typed = read();
    if (!typed) return false;
    auto const answer = trimmed(*typed);
    if (answer == "yes") return true;
    if (answer.empty() || answer == "no" || answer == ".") return false;
    say("Please type yes or no.");
  }
}

std::size_t Dialogue::choose(std::vector<std::string> const& items, std::string_view leave) {
  while (true) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto head = std::format("{:>3}  ", i + 1);
      for (auto const& line : wrapped(items[i], columns - head.size())) {
        line_.write(head + line + "\n");
        head.assign(head.size(), ' ');
      }
    }
    line_.write(std::format("{:>3}  {}\n\nChoose: ", 0, plain(leave)));
    auto const typed = read();
    if (!typed) return 0;
    auto const answer = trimmed(*typed);
    if (answer == ".") return 0;
    std::size_t number = items.size() + 1;
    auto const [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    if (error == std::errc{} && end == answer.data() + answer.size() && number <= items.size()) return number;
    if (!answer.empty()) say(std::format("Please type a number from 0 to {}.", items.size()));
  }
}

void Dialogue::wait_for_enter() {
  line_.write("Press Enter to go on. ");
  read();
}

bool Dialogue::enter_within(std::chrono::milliseconds time) {
  return read(true, time).has_value();
}

}  // namespace berth::console
