#include "drivers/fake/fake_shell.hpp"

namespace berth::fake {
namespace {

constexpr std::size_t line_max = 4096;

}  // namespace

std::string FakeShell::begin() {
  return "\r\nA guest of Berth's in-memory engine. Nothing here runs.\r\n\r\n" + prompt();
}

std::string FakeShell::prompt() const {
  return user_.empty() ? "fake login: " : user_ + "@" + hostname_ + ":~$ ";
}

std::string FakeShell::hear(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '\r' || c == '\n') {
      out += "\r\n" + answer(line_);  // it may change who is signed in, and so the prompt
      out += prompt();
      line_.clear();
    } else if (c == '\x7f' || c == '\b') {
      if (line_.empty()) continue;
      line_.pop_back();
      out += "\b \b";
    } else if (c == '\x03') {
      line_.clear();
      out += "^C\r\n" + prompt();
    } else if (byte >= 0x20 && line_.size() < line_max) {
      line_ += c;
      out += c;
    }
  }
  return out;
}

std::string FakeShell::answer(std::string const& line) {
  if (user_.empty()) {
    user_ = line;
    return line.empty() ? "" : "Welcome. Words that work: echo hostname whoami help exit\r\n";
  }
  auto const space = line.find(' ');
  auto const word = line.substr(0, space);
  auto const rest = space == std::string::npos ? "" : line.substr(space + 1);
  if (word.empty()) return "";
  if (word == "echo") return rest + "\r\n";
  if (word == "hostname") return hostname_ + "\r\n";
  if (word == "whoami") return user_ + "\r\n";
  if (word == "help") return "echo hostname whoami help exit\r\n";
  if (word == "exit" || word == "logout") {
    user_.clear();
    return "\r\n";
  }
  return word + ": not found\r\n";
}

}  // namespace berth::fake
