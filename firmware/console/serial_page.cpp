// The speed of the serial port that this machine is set up and repaired at.
#include <format>

#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr char program[] = "/usr/lib/berth/appliance/serial-speed";
constexpr char const* speeds[] = {"9600", "19200", "38400", "57600", "115200"};

}  // namespace

Result<void> serial_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const now = TRY(parts.program({program}));
  dialogue.title("Serial port");
  dialogue.say(
      std::format("The first serial port is set to {} baud. Another speed holds from the next start on, from the boot "
                  "loader's menu to this console.",
                  now.substr(0, now.find('\n'))));
  std::vector<std::string> names;
  for (auto const* speed : speeds) names.push_back(std::string(speed) + " baud");
  auto const chosen = dialogue.choose(names);
  if (chosen == 0) return {};
  std::string const speed = speeds[chosen - 1];
  TRY(parts.program({program, speed}));
  dialogue.say("Set. From the next start on the port speaks at " + speed + " baud.");
  return {};
}

}  // namespace berth::console
