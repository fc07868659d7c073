// Logs, the bundle for whoever helps, and the shell.
#include <unistd.h>

#include <cerrno>
#include <format>

#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr std::size_t lines_a_page = 22;

void show_pages(Dialogue& dialogue, std::string_view text) {
  while (!text.empty() && !dialogue.closed()) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < lines_a_page && end < text.size(); ++i)
      end = std::min(text.find('\n', end), text.size() - 1) + 1;
    dialogue.lines(text.substr(0, end));
    text.remove_prefix(end);
    if (!text.empty() && dialogue.ask_within("Enter for more, . to stop", std::chrono::minutes(10)) == ".") return;
  }
}

}  // namespace

Result<void> logs_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  while (true) {
    dialogue.title("Logs");
    std::string unit;
    switch (dialogue.choose({"Panel", "Engine", "Everything since the last start"})) {
      case 1:
        unit = "berthd.service";
        break;
      case 2:
        unit = "berth-engine.service";
        break;
      case 3:
        break;
      default:
        return {};
    }
    std::vector<std::string> argv{"journalctl", "--boot", "--lines=300", "--no-pager", "--output=short-iso"};
    if (!unit.empty()) argv.push_back("--unit=" + unit);
    show_pages(dialogue, TRY(parts.program(argv)));
  }
}

Result<void> shell_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Root shell");
  dialogue.say(
      "A shell can break what the panel and the engine rely on; updates keep nothing that is changed by hand outside "
      "the settings. Its use is logged. 'exit' comes back here, and so do ten minutes without a word.");
  if (!names_machine(parts)) return {};
  parts.note("a root shell was opened");
  auto done = parts.shell();
  parts.note("the root shell was left");
  return done;
}

}  // namespace berth::console
