// What berth-console offers on a machine's own terminal: its state, first set-up, and repair. One page a file.
// The machine is asked through the engine (org.berth.Machine) so that it works while the panel does not; people and
// passwords are the panel's, and are reached over its local socket.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drivers/contract/machine.hpp"
#include "firmware/cli/client.hpp"
#include "firmware/console/dialogue.hpp"

namespace berth::console {

// What of the machine's files the console reads itself, because it must be told while nobody answers.
struct Files {
  std::filesystem::path certificate;  // the panel's, for the fingerprint
  std::filesystem::path greeting;     // what the panel said at its start ("name: value"), for the set-up code
  std::filesystem::path seed;         // what berth-seed says it did, a line each
  std::filesystem::path support;      // the folder for a support bundle that stays on the machine
  // What is wrong with the pair of disks, and with the pack of starter images: a line each; empty or absent: nothing.
  std::filesystem::path mirror = "/run/berth-mirror";
  std::filesystem::path images = "/data/starter-images.refused";
};

struct Parts {
  Dialogue& dialogue;
  contract::Machine& machine;
  cli::Client& panel;
  Files files;
  bool proved = false;                  // whoever is here showed a key to SSH: no sign-in is asked for
  std::chrono::seconds start{};         // how long a status page waits for a panel that does not answer yet
  std::function<Result<void>()> shell;  // on this terminal
  std::function<Result<std::string>(std::vector<std::string> const& argv)> program;  // what it printed
  std::function<void(std::string_view what)> note;                                   // in the machine's log
};

// What somebody at the terminal may do (docs/decisions/0006-console.md).
enum class Pass {
  administrator,
  repair,  // the panel, which knows the people, does not answer: what brings it back
};

// The state until Enter, the sign-in, the menu, and over again; until the terminal is closed. By a key: the menu, once.
void run(Parts const& parts);

// Who is there? nullopt: somebody who shall not go on.
std::optional<Pass> admit(Parts const& parts);

// A new password for an administrator who cannot sign in, at the machine's own terminals alone: by the machine's name.
Result<void> forgotten_password(Parts const& parts);

// Each returns when the person goes back. Errors are shown by run().
void show_state(Parts const& parts);
// Shows the state, again whenever it has changed, until Enter.
void wait_at_state(Parts const& parts);
Result<void> set_up(Parts const& parts);
Result<void> language_page(Parts const& parts);
Result<void> network_page(Parts const& parts);
Result<void> name_and_time_page(Parts const& parts);
Result<void> people_page(Parts const& parts);
Result<void> ssh_page(Parts const& parts);
Result<void> serial_page(Parts const& parts);
Result<void> certificate_page(Parts const& parts);
Result<void> disks_page(Parts const& parts);
Result<void> logs_page(Parts const& parts);
Result<void> support_page(Parts const& parts);
Result<void> releases_page(Parts const& parts);
Result<void> power_page(Parts const& parts);
Result<void> reset_page(Parts const& parts);
Result<void> shell_page(Parts const& parts);

// Whether a member of the panel's answer is there and true.
bool is_true(json::value const& answer, std::string_view name);

// A fingerprint in two halves, so that a line breaks between them.
std::pair<std::string, std::string> fingerprint_row(std::string fingerprint);
// The support bundle into a descriptor: what an SSH key gets that asks for it by name.
Result<void> write_support_bundle(contract::Machine& machine, int to);

// Whatever became of earlier starts. Does not wait for it.
Result<void> restart_panel(Parts const& parts);

// Says what went wrong, with the fields that are to blame.
void tell(Dialogue& dialogue, Error const& error);
// Typed by whoever knows which machine this is. False: nothing may be done.
bool names_machine(Parts const& parts);

}  // namespace berth::console
