#include "firmware/console/console.hpp"

#include <format>

namespace berth::console {

void tell(Dialogue& dialogue, Error const& error) {
  dialogue.say(error.message);
  for (auto const& field : error.fields) dialogue.say(std::format("  {}: {}", field.pointer, field.message));
}

void run(Parts const& parts) {
  struct Entry {
    char const* title;
    Result<void> (*page)(Parts const&);
  };
  static constexpr Entry entries[] = {
      {"First set-up", set_up},
      {"Network", network_page},
      {"Name and time", name_and_time_page},
      {"People and passwords", people_page},
      {"SSH access", ssh_page},
      {"Logs", logs_page},
      {"Releases", releases_page},
      {"Restart or power off", power_page},
      {"Factory reset", reset_page},
      {"Root shell", shell_page},
  };
  std::vector<std::string> titles;
  for (auto const& entry : entries) titles.emplace_back(entry.title);
  while (!parts.dialogue.closed()) {
    show_state(parts);
    parts.dialogue.say("");
    auto const chosen = parts.dialogue.choose(titles, "Show this again");
    if (chosen == 0) continue;
    if (auto done = entries[chosen - 1].page(parts); !done) tell(parts.dialogue, done.error());
  }
}

}  // namespace berth::console
