// Name, clock, SSH, restart, reset: what an operator sets once.
#include <format>

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

Result<void> change_time(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto settings = TRY(parts.machine.time_settings());
  using Zone = decltype(settings.time_zone);
  auto const zone = dialogue.ask("Time zone", settings.time_zone.str(), why_not<Zone>);
  if (!zone) return {};
  settings.time_zone = TRY(Zone::parse(*zone));
  auto const servers =
      dialogue.ask("Time servers, 'image' for the built-in ones, 'none' for no NTP", settings.ntp ? "image" : "none");
  if (!servers) return {};
  settings.unix_seconds.reset();
  settings.ntp = *servers != "none";
  settings.ntp_servers.items.clear();
  if (settings.ntp && *servers != "image")
    for (auto const& word : words(*servers))
      settings.ntp_servers.items.push_back(TRY(contract::ServerName::parse(word)));
  return parts.machine.set_time(settings);
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

Result<void> power_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Restart or power off");
  dialogue.say("Guests are shut down in order first.");
  switch (dialogue.choose({"Restart", "Power off"})) {
    case 1:
      return dialogue.sure("Restart this machine?") ? parts.machine.power(contract::PowerAct::restart) : Result<void>{};
    case 2:
      return dialogue.sure("Power this machine off?") ? parts.machine.power(contract::PowerAct::power_off)
                                                      : Result<void>{};
    default:
      return {};
  }
}

Result<void> reset_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const facts = TRY(parts.machine.facts());
  dialogue.title("Factory reset");
  auto const chosen = dialogue.choose({"Settings only: network, name, SSH, certificate. Guests and customers stay",
                                       "Everything: guests, customers, invoices and backups on this machine are lost"});
  if (chosen == 0) return {};
  if (chosen == 2) dialogue.say("EVERYTHING on this machine will be gone, and cannot be brought back.");
  auto const typed = dialogue.ask("Type this machine's name to go on (" + facts.hostname + ")");
  if (!typed) return {};
  if (*typed != facts.hostname) {
    dialogue.say("That is not its name. Nothing was changed.");
    return {};
  }
  contract::FactoryReset wish{chosen == 1 ? contract::ResetScope::settings : contract::ResetScope::everything,
                              TRY(contract::Hostname::parse(*typed))};
  TRY(parts.machine.factory_reset(wish));
  dialogue.say("The machine restarts now.");
  return {};
}

}  // namespace berth::console
