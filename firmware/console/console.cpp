#include "firmware/console/console.hpp"

#include <unistd.h>

#include <array>

namespace berth::console {
namespace {

struct Entry {
  char const* title;
  Result<void> (*page)(Parts const&);
  bool repairs;  // open to whoever stands at the machine while the panel cannot say who that is
};

constexpr Entry entries[] = {
    {"First set-up", set_up, false},
    {"Network", network_page, true},
    {"Name and time", name_and_time_page, false},
    {"Language", language_page, false},
    {"People and passwords", people_page, false},
    {"SSH access", ssh_page, false},
    {"Serial port", serial_page, false},
    {"Certificate", certificate_page, true},
    {"Disks", disks_page, true},
    {"Logs", logs_page, true},
    {"Support bundle", support_page, true},
    {"Releases", releases_page, true},
    {"Restart, power off, rescue", power_page, true},
    {"Factory reset", reset_page, true},
    {"Root shell", shell_page, true},
};

void menu(Parts const& parts, Pass pass) {
  std::vector<Entry const*> offered;
  std::vector<std::string> titles;
  for (auto const& entry : entries) {
    if (pass == Pass::repair && !entry.repairs) continue;
    offered.push_back(&entry);
    titles.emplace_back(entry.title);
  }
  while (!parts.dialogue.closed()) {
    parts.dialogue.title(pass == Pass::repair ? "Berth: repair" : "Berth");
    auto const chosen = parts.dialogue.choose(titles, "Leave");
    if (chosen == 0) return;
    if (auto done = offered[chosen - 1]->page(parts); !done) tell(parts.dialogue, done.error());
  }
}

}  // namespace

void tell(Dialogue& dialogue, Error const& error) {
  dialogue.say(error.message);
  for (auto const& field : error.fields) dialogue.say("  " + field.pointer + ": " + field.message);
}

bool is_true(json::value const& answer, std::string_view name) {
  auto const* object = answer.if_object();
  auto const* member = object == nullptr ? nullptr : object->if_contains(name);
  return member != nullptr && *member == true;
}

bool names_machine(Parts const& parts) {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return false;
  auto const facts = parts.machine.facts();
  std::string const expected = facts ? facts->hostname : name.data();
  auto const typed = parts.dialogue.ask("Type this machine's name to go on (" + expected + ")");
  if (typed == expected) return true;
  if (typed) parts.dialogue.say("That is not its name. Nothing was changed.");
  return false;
}

void run(Parts const& parts) {
  if (parts.proved) {
    show_state(parts);
    return menu(parts, Pass::administrator);
  }
  while (!parts.dialogue.hung_up()) {
    parts.dialogue.begin_again();
    wait_at_state(parts);
    if (auto const pass = admit(parts)) menu(parts, *pass);
  }
}

}  // namespace berth::console
