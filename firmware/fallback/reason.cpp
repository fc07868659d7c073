#include "firmware/fallback/reason.hpp"

#include <algorithm>

#include "firmware/base/process.hpp"

namespace berth::fallback {
namespace {

constexpr std::size_t quoted_max = 200;

std::string value_of(std::string_view properties, std::string_view name) {
  while (!properties.empty()) {
    auto const line = properties.substr(0, properties.find('\n'));
    properties.remove_prefix(std::min(line.size() + 1, properties.size()));
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == '=')
      return std::string(line.substr(name.size() + 1));
  }
  return "";
}

std::string quoted(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, std::min(text.find('\n'), quoted_max))) out += c >= 0x20 && c < 0x7F ? c : '?';
  return out;
}

std::string how_it_ended(std::string_view properties) {
  auto const result = value_of(properties, "Result");
  auto const status = value_of(properties, "ExecMainStatus");
  // The limit hides what came before; its code and status are still those of the last process.
  auto const signal = value_of(properties, "ExecMainCode") == "2" || value_of(properties, "ExecMainCode") == "3";
  if (result == "timeout") return "It did not come up in time.";
  if (result == "watchdog") return "It stopped answering the service manager.";
  if (result == "oom-kill") return "The machine ran out of memory.";
  if (result == "resources") return "The machine had no room to start it.";
  if (signal) return "It was ended by signal " + status + ".";
  if (!status.empty()) return "It ended with exit code " + status + ".";
  return "The service manager does not say.";
}

}  // namespace

std::string reason(std::string_view properties, std::string_view last_words) {
  auto text = how_it_ended(properties);
  if (auto const words = quoted(last_words); !words.empty()) text += " Its last words: " + words;
  return text;
}

std::string reason_of(std::string const& unit) {
  auto const properties = run_checked({"systemctl", "show", "--property=Result,ExecMainCode,ExecMainStatus", unit});
  auto const words = run_checked({"journalctl", "--boot", "--lines=1", "--output=cat", "--no-pager",
                                  "--identifier=berthd", "_SYSTEMD_UNIT=" + unit});
  return reason(properties.value_or(""), words.value_or(""));
}

}  // namespace berth::fallback
