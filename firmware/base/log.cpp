#include "firmware/base/log.hpp"

#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <format>
#include <vector>

namespace berth {
namespace {

bool under_journal() {
  static bool const yes = std::getenv("JOURNAL_STREAM") != nullptr;
  return yes;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += std::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::notice:
      return "notice";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "info";
}

// "message name=value name=value", as one line.
std::string with_fields(std::string_view message, std::initializer_list<LogField> fields) {
  auto line = one_line(message);
  for (auto const& [name, value] : fields) line += std::format(" {}={}", name, one_line(value));
  return line;
}

void to_journal(LogLevel level, std::string_view area, std::string_view message,
                std::initializer_list<LogField> fields) {
  std::vector<std::string> lines;
  // With the fields: `journalctl` shows the message alone, and so do the console's log, the support bundle and the page that says why
  // the panel is down.
  lines.push_back("MESSAGE=" + std::string(area) + ": " + with_fields(message, fields));
  lines.push_back(std::format("PRIORITY={}", static_cast<int>(level)));
  lines.push_back("BERTH_AREA=" + std::string(area));
  for (auto const& [name, value] : fields) {
    std::string key = "BERTH_";
    for (char c : name) key += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    lines.push_back(key + "=" + one_line(value));
  }
  std::vector<iovec> parts;
  parts.reserve(lines.size());
  for (auto& line : lines) parts.push_back({line.data(), line.size()});
  sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace

void log(LogLevel level, std::string_view area, std::string_view message, std::initializer_list<LogField> fields) {
  if (under_journal()) return to_journal(level, area, message, fields);
  auto const line = std::format("{} {}: {}\n", level_name(level), area, with_fields(message, fields));
  // One write: lines of several threads do not mix. Nothing sensible can be done when standard error is gone.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace berth
