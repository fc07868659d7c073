// Name, clock, SSH, restart, reset: what an operator sets once.
#include <algorithm>
#include <chrono>
#include <format>
#include <sstream>

#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

template <class T>
std::string why_not(std::string const& text) {
  auto const parsed = T::parse(text);
  return parsed ? "" : "That " + parsed.error().message + ".";
}

Result<void> change_name(Parts const& parts, std::string const& now) {
  auto const name = parts.dialogue.ask("Name of this machine", now, [](std::string const& text) -> std::string {
    return contract::is_hostname(text) ? "" : "It may hold lower-case letters, digits and inner dashes; at most 63.";
  });
  if (!name || *name == now) return {};
  return parts.machine.set_hostname(TRY(contract::Hostname::parse(*name)));
}

std::string why_not_servers(std::string const& text) {
  auto const names = words(text);
  if (names.size() > decltype(contract::TimeSettings::ntp_servers)::max) return "At most eight, please.";
  return std::ranges::all_of(names, [](auto const& name) { return contract::is_server_name(name); })
             ? ""
             : "Names or addresses, with blanks between them.";
}

// "2026-11-20 15:04" in UTC.
std::optional<std::int64_t> unix_seconds(std::string const& text) {
  std::istringstream stream(text);
  std::chrono::sys_seconds time;
  stream >> std::chrono::parse("%F %R", time);
  auto const seconds = time.time_since_epoch().count();
  bool const whole = !stream.fail() && stream.peek() == std::istringstream::traits_type::eof();
  using Bounds = decltype(contract::TimeSettings::unix_seconds)::value_type;
  return whole && seconds >= Bounds::min && seconds <= Bounds::max ? std::optional(seconds) : std::nullopt;
}

void ask_clock(Dialogue& dialogue, contract::TimeSettings& settings) {
  auto const typed = dialogue.ask("Date and time in UTC (2026-11-20 15:04), or 'right'", "right",
                                  [](std::string const& text) -> std::string {
                                    return text == "right" || unix_seconds(text) ? "" : "That is no date and time.";
                                  });
  if (typed && *typed != "right") settings.unix_seconds.emplace().value = *unix_seconds(*typed);
}

Result<void> change_time(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto settings = TRY(parts.machine.time_settings());
  using Zone = decltype(settings.time_zone);
  auto const zone = dialogue.ask("Time zone", settings.time_zone.str(), why_not<Zone>);
  if (!zone) return {};
  settings.time_zone = TRY(Zone::parse(*zone));
  std::string now;
  for (auto const& server : settings.ntp_servers) now += (now.empty() ? "" : " ") + server.str();
  if (now.empty()) now = "image";
  auto const servers = dialogue.ask("Time servers, 'image' for the built-in ones, 'none' for no NTP",
                                    settings.ntp ? now : "none", why_not_servers);
  if (!servers) return {};
  settings.unix_seconds.reset();
  settings.ntp = *servers != "none";
  settings.ntp_servers.items.clear();
  if (settings.ntp && *servers != "image")
    for (auto const& word : words(*servers))
      settings.ntp_servers.items.push_back(TRY(contract::ServerName::parse(word)));
  if (!settings.ntp) ask_clock(dialogue, settings);
  return parts.machine.set_time(settings);
}

// By the engine; by the service manager when the engine is what is broken.
Result<void> power(Parts const& parts, contract::PowerAct act) {
  auto done = parts.machine.power(act);
  if (done || done.error().code != ErrorCode::unavailable) return done;
  TRY(parts.program({"systemctl", "--no-block", act == contract::PowerAct::restart ? "reboot" : "poweroff"}));
  return {};
}

}  // namespace

Result<void> name_and_time_page(Parts const& parts) {
  auto const facts = TRY(parts.machine.facts());
  parts.dialogue.title("Name and time");
  TRY(change_name(parts, facts.hostname));
  return change_time(parts);
}

Result<void> ssh_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto settings = TRY(parts.machine.ssh());
  dialogue.title("SSH access");
  dialogue.say(std::format("SSH is {}, with {} key(s). It opens this console, never by password.",
                           settings.enabled ? "on" : "off", settings.keys.size()));
  using Key = decltype(settings.keys.items)::value_type;
  switch (dialogue.choose({"Add a key and switch SSH on", "Switch SSH off", "Remove all keys and switch SSH off"})) {
    case 1: {
      auto const key = dialogue.ask("OpenSSH public key", "", why_not<Key>);
      if (!key) return {};
      settings.keys.items.push_back(TRY(Key::parse(*key)));
      settings.enabled = true;
      break;
    }
    case 2:
      settings.enabled = false;
      break;
    case 3:
      settings.enabled = false;
      settings.keys.items.clear();
      break;
    default:
      return {};
  }
  TRY(parts.machine.set_ssh(settings));
  dialogue.say(settings.enabled ? "SSH is on." : "SSH is off.");
  return {};
}

Result<void> restart_panel(Parts const& parts) {
  TRY(parts.program({"systemctl", "reset-failed", "berthd.service"}));
  TRY(parts.program({"systemctl", "restart", "--no-block", "berthd.service"}));
  return {};
}

Result<void> power_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Restart, power off, rescue");
  dialogue.say("Before the machine restarts or goes off, its guests are shut down in order.");
  switch (dialogue.choose({"Restart this machine", "Power it off", "Restart the panel; guests go on",
                           "Rescue: stop the panel; console, network and engine stay",
                           "Leave rescue: start everything again"})) {
    case 1:
      return dialogue.sure("Restart this machine?") ? power(parts, contract::PowerAct::restart) : Result<void>{};
    case 2:
      return dialogue.sure("Power this machine off?") ? power(parts, contract::PowerAct::power_off) : Result<void>{};
    case 3:
      TRY(restart_panel(parts));
      dialogue.say("The panel starts again.");
      return {};
    case 4:
      if (dialogue.sure("Stop the panel?"))
        TRY(parts.program({"systemctl", "isolate", "--no-block", "berth-rescue.target"}));
      return {};
    case 5:
      TRY(parts.program({"systemctl", "start", "--no-block", "default.target"}));
      return {};
    default:
      return {};
  }
}

Result<void> reset_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Factory reset");
  auto const chosen = dialogue.choose(
      {"Settings only: network, name, time, SSH, serial speed. Guests, customers, accounts, the panel's own "
       "settings and the certificate stay",
       "Everything: guests, customers, invoices and backups on this machine are lost"});
  if (chosen == 0) return {};
  if (chosen == 2)
    dialogue.say(
        "EVERYTHING on this machine will be gone for whoever works with it. Its disks are not overwritten: before you "
        "pass one on, erase it.");
  if (!names_machine(parts)) return {};
  auto const name = TRY(parts.machine.facts()).hostname;
  contract::FactoryReset wish{chosen == 1 ? contract::ResetScope::settings : contract::ResetScope::everything,
                              TRY(contract::Hostname::parse(name))};
  TRY(parts.machine.factory_reset(wish));
  dialogue.say("The machine restarts now.");
  return {};
}

}  // namespace berth::console
