// What berth-console offers on a machine's own terminal: its state, first set-up, and repair. One page a file.
// The machine is asked through the engine (org.berth.Machine) so that it works while the panel does not; people and
// passwords are the panel's, and are reached over its local socket.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "drivers/contract/machine.hpp"
#include "firmware/cli/client.hpp"
#include "firmware/console/dialogue.hpp"

namespace berth::console {

struct Parts {
  Dialogue& dialogue;
  contract::Machine& machine;
  cli::Client& panel;
  std::filesystem::path tls;                                      // the panel's certificate folder, for the fingerprint
  std::function<Result<void>()> shell;                            // a root shell on this terminal, until it ends
  std::function<Result<std::string>(std::string_view unit)> log;  // the last lines of a unit's journal; "" is all
};

// Shows the menu until the terminal is closed or the person leaves.
void run(Parts const& parts);

// Each returns when the person goes back. Errors are shown by run().
void show_state(Parts const& parts);
Result<void> set_up(Parts const& parts);
Result<void> network_page(Parts const& parts);
Result<void> name_and_time_page(Parts const& parts);
Result<void> people_page(Parts const& parts);
Result<void> ssh_page(Parts const& parts);
Result<void> logs_page(Parts const& parts);
Result<void> releases_page(Parts const& parts);
Result<void> power_page(Parts const& parts);
Result<void> reset_page(Parts const& parts);
Result<void> shell_page(Parts const& parts);

// Says what went wrong, with the fields that are to blame.
void tell(Dialogue& dialogue, Error const& error);

}  // namespace berth::console
