#include <unistd.h>

#include <format>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "firmware/cli/commands.hpp"
#include "firmware/cli/machine_output.hpp"

namespace berth::cli {
namespace {

using Act = std::function<Result<void>(Client&)>;

constexpr char wait_help[] = "wait until it is done, and tell its steps";

Result<json::object> machine(Client& client) {
  auto answer = TRY(client.get("/machine"));
  if (!answer.is_object()) return fail(ErrorCode::corrupt, "unexpected-answer", "the panel's answer is no machine");
  return std::move(answer.get_object());
}

// What cannot be taken back: a person types the machine's name, a script says --yes. The name, as the panel wants to hear it.
Result<std::string> confirmed(Client& client, bool yes, std::string_view what) {
  auto const name = member_text(TRY(machine(client)), "hostname");
  if (yes) return name;
  if (::isatty(STDIN_FILENO) == 0)
    return fail(ErrorCode::invalid_argument, "not-confirmed", "say --yes to do it without being asked");
  std::cerr << std::format("{} Type the machine's name, {}, to go on: ", what, name);
  std::string typed;
  std::getline(std::cin, typed);
  if (typed != name) return fail(ErrorCode::cancelled, "not-confirmed", "nothing was done");
  return name;
}

Result<json::value> read_json_file(std::string const& file) {
  std::ifstream in(file);
  if (!in) return fail(ErrorCode::not_found, "no-such-file", std::format("{} cannot be read", file));
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  auto value = parse_json(text);
  if (!value) return fail(ErrorCode::invalid_argument, "malformed-json", std::format("{} is not JSON", file));
  return value;
}

// A subcommand that asks for a job and shows it, or with --wait follows it.
using Ask = std::function<Result<json::value>(Client&)>;
void add_job(CLI::App& sub, Session& session, Ask ask) {
  auto wait = std::make_shared<bool>(false);
  sub.add_flag("--wait", *wait, wait_help);
  sub.callback([&session, wait, ask = std::move(ask)] {
    session.act = [&session, wait, ask](Client& client) -> Result<void> {
      return conclude(client, session, TRY(ask(client)), *wait);
    };
  });
}

void add_reading(CLI::App& app, Session& session, char const* name, char const* help,
                 void (*show)(Session const&, json::object const&)) {
  app.add_subcommand(name, help)->callback([&session, show] {
    session.act = [&session, show](Client& client) -> Result<void> {
      show(session, TRY(machine(client)));
      return {};
    };
  });
}

void add_name_and_time(CLI::App& app, Session& session) {
  auto* hostname = app.add_subcommand("hostname", "Give the machine a name");
  auto name = std::make_shared<std::string>();
  hostname->add_option("NAME", *name)->required();
  add_job(*hostname, session,
          [name](Client& client) { return client.put("/machine/hostname", json::object{{"hostname", *name}}); });

  struct Time {
    std::string zone;
    std::vector<std::string> servers;
    bool ntp = true;
    std::optional<std::int64_t> unix_seconds;
  };
  auto* time = app.add_subcommand("time", "Set the time zone, and who sets the clock");
  auto wish = std::make_shared<Time>();
  time->add_option("ZONE", wish->zone, "such as Europe/Berlin")->required();
  time->add_option("--server", wish->servers, "a time server; may be repeated; absent: those of the image");
  time->add_flag("!--no-ntp", wish->ntp, "leave the clock alone");
  time->add_option("--unix-seconds", wish->unix_seconds, "set the clock now; only with --no-ntp");
  add_job(*time, session, [wish](Client& client) {
    json::object body{{"time_zone", wish->zone}, {"ntp", wish->ntp}, {"ntp_servers", json::value_from(wish->servers)}};
    if (wish->unix_seconds) body["unix_seconds"] = *wish->unix_seconds;
    return client.put("/machine/time", body);
  });
}

void add_network(CLI::App& app, Session& session) {
  auto& network = *app.add_subcommand("network", "Network settings: on trial first, then kept");
  network.require_subcommand(1);
  add_reading(network, session, "show", "Settings, links and what is on trial", &show_network);
  struct Trial {
    std::string file;
    std::int64_t seconds = 120;
  };
  auto* trial = network.add_subcommand("try", "Put settings in force; they are taken back unless confirmed in time");
  auto wish = std::make_shared<Trial>();
  trial->add_option("FILE", wish->file, "JSON, as `berth machine network show --output json` has it below kept")
      ->required();
  trial->add_option("--seconds", wish->seconds, "until they are taken back")->capture_default_str();
  add_job(*trial, session, [wish](Client& client) -> Result<json::value> {
    return client.post("/machine/network/trial", json::object{{"settings", TRY(read_json_file(wish->file))},
                                                              {"confirm_within_s", wish->seconds}});
  });
  add_job(*network.add_subcommand("confirm", "Keep what is on trial"), session,
          [](Client& client) { return client.post("/machine/network/confirmation"); });
  add_job(*network.add_subcommand("revert", "Take what is on trial back at once"), session,
          [](Client& client) { return client.remove("/machine/network/trial"); });
}

void add_ssh(CLI::App& app, Session& session) {
  struct Ssh {
    bool off = false;
    std::vector<std::string> files;
  };
  auto* ssh = app.add_subcommand("ssh", "Open SSH to these keys and no others, or close it");
  auto wish = std::make_shared<Ssh>();
  ssh->add_option("--key", wish->files, "a file of OpenSSH public keys; may be repeated");
  ssh->add_flag("--off", wish->off, "close it; the keys stay");
  add_job(*ssh, session, [wish](Client& client) -> Result<json::value> {
    if (wish->off == !wish->files.empty())
      return fail(ErrorCode::invalid_argument, "no-keys", "say --key FILE to open SSH, or --off to close it");
    json::value keys = json::array();
    if (wish->off)
      keys = TRY(machine(client)).at("ssh").as_object().at("keys");
    else
      keys = TRY(read_keys(wish->files));
    return client.put("/machine/ssh", json::object{{"enabled", !wish->off}, {"keys", keys}});
  });
}

void add_updates(CLI::App& app, Session& session) {
  add_reading(app, session, "updates", "Releases in both slots, and updates within reach", &show_updates);
  auto* install = app.add_subcommand("install", "Install an update into the slot that does not run");
  auto what = std::make_shared<std::string>();
  install->add_option("FILE", *what, "the update's file, or the id of one that `berth machine updates` found")
      ->required();
  add_job(*install, session, [what](Client& client) -> Result<json::value> {
    if (::access(what->c_str(), R_OK) == 0) return client.send_file("/machine/updates", *what);
    return client.post("/machine/updates/found/" + percent_encode(*what));
  });
  add_job(*app.add_subcommand("check-updates", "Ask the update channel, and install what is newer"), session,
          [](Client& client) { return client.post("/machine/updates/check"); });
  auto* slot = app.add_subcommand("next-slot", "Choose the slot that the next start takes");
  auto name = std::make_shared<std::string>();
  slot->add_option("SLOT", *name, "a or b")->required();
  add_job(*slot, session,
          [name](Client& client) { return client.put("/machine/next-slot", json::object{{"slot", *name}}); });
}

void add_ending(CLI::App& app, Session& session, char const* name, char const* path, char const* help,
                char const* warning) {
  auto* sub = app.add_subcommand(name, help);
  auto yes = std::make_shared<bool>(false);
  sub->add_flag("--yes", *yes, "do not ask");
  auto everything = std::make_shared<bool>(false);
  bool const resets = std::string_view(name) == "factory-reset";
  if (resets) sub->add_flag("--everything", *everything, "servers, images and customers too, not only settings");
  add_job(*sub, session, [=](Client& client) -> Result<json::value> {
    json::object body{{"confirm", TRY(confirmed(client, *yes, warning))}};
    if (resets) body["scope"] = *everything ? "everything" : "settings";
    return client.post(path, body);
  });
}

void add_upkeep(CLI::App& app, Session& session) {
  auto* bundle = app.add_subcommand("support-bundle", "Collect logs and settings for whoever helps, into a file");
  auto file = std::make_shared<std::string>();
  bundle->add_option("FILE", *file, "is written; .tar.gz")->required();
  bundle->callback([&session, file] {
    session.act = [&session, file](Client& client) -> Result<void> {
      TRY(conclude(client, session, TRY(client.post("/machine/support-bundle")), true));
      return client.fetch_file("/machine/support-bundle", *file);
    };
  });
  add_job(*app.add_subcommand("certificate", "Make a new certificate for the machine's name and addresses"), session,
          [](Client& client) { return client.post("/machine/certificate"); });
}

}  // namespace

void add_machine_commands(CLI::App& app, Session& session) {
  auto& sub = *app.add_subcommand("machine", "This machine itself: name, clock, network, releases, power");
  sub.require_subcommand(1);
  add_reading(sub, session, "show", "What it says of itself", &show_machine);
  add_name_and_time(sub, session);
  add_network(sub, session);
  add_ssh(sub, session);
  add_updates(sub, session);
  add_ending(sub, session, "restart", "/machine/restart", "Restart the machine",
             "This restarts the machine: every server on it stops and comes back.");
  add_ending(sub, session, "power-off", "/machine/power-off", "Switch the machine off",
             "This switches the machine off, with every server on it.");
  add_ending(sub, session, "factory-reset", "/machine/factory-reset", "Reset its settings, or everything on it",
             "This resets the machine and cannot be taken back.");
  add_upkeep(sub, session);
}

}  // namespace berth::cli
