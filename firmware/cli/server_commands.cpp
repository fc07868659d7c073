#include <unistd.h>

#include <format>
#include <iostream>
#include <memory>

#include "firmware/cli/commands.hpp"

namespace berth::cli {
namespace {

std::vector<Column> list_columns() {
  return {member("NAME", "name"),          member("STATE", "state"),       member("KIND", "kind"),
          member("ADDRESS", "address"),    member("IMAGE", "image.title"), member("PLAN", "plan.name"),
          bytes("MEMORY", "memory_bytes"), member("GROUP", "peer_group"),  member("ID", "id")};
}

std::vector<Column> sheet_columns() {
  return {member("Name", "name"),         member("Id", "id"),
          member("State", "state"),       member("Reason", "state_reason"),
          member("Wanted", "wanted"),     member("Drift", "drift"),
          member("Job", "job"),           member("Kind", "kind"),
          member("Image", "image.title"), member("Plan", "plan.name"),
          member("Processors", "vcpus"),  bytes("Memory", "memory_bytes"),
          bytes("Disk", "disk_bytes"),    member("Hostname", "hostname"),
          member("Address", "address"),   member("MAC", "mac"),
          member("Group", "peer_group"),  member("Created", "created_at")};
}

struct Create {
  std::string name, image, plan, hostname, group;
  std::vector<std::string> key_files;
  bool password_from_input = false;
  bool stopped = false;
  bool dry_run = false;
  bool wait = false;
};

Result<void> create(Client& client, Session const& session, Create const& wish) {
  json::object body{{"name", wish.name}, {"image", wish.image}, {"plan", wish.plan}, {"start", !wish.stopped}};
  if (!wish.hostname.empty()) body["hostname"] = wish.hostname;
  if (!wish.group.empty()) body["peer_group"] = wish.group;
  if (!wish.key_files.empty()) body["ssh_keys"] = TRY(read_keys(wish.key_files));
  if (wish.password_from_input) {
    std::string password;
    if (!std::getline(std::cin, password))
      return fail(ErrorCode::invalid_argument, "no-password", "standard input holds no password");
    body["password"] = password;
  }
  auto const answer = TRY(client.post(wish.dry_run ? "/servers?dry_run=true" : "/servers", body, !wish.dry_run));
  if (!wish.dry_run) return conclude(client, session, answer, wish.wait);
  show_one(session.format, answer.as_object().at("server"), sheet_columns());
  return {};
}

// Deleting cannot be taken back: a person types the name, a script says --yes.
Result<void> confirm(Client& client, std::string const& id) {
  auto const server = TRY(client.get("/servers/" + id));
  auto const name = member_text(server.as_object(), "name");
  if (::isatty(STDIN_FILENO) == 0)
    return fail(ErrorCode::invalid_argument, "not-confirmed", "say --yes to delete without being asked");
  std::cerr << std::format("This deletes {} with its disk and its address. Type its name to go on: ", name);
  std::string typed;
  std::getline(std::cin, typed);
  if (typed != name) return fail(ErrorCode::cancelled, "not-confirmed", "nothing was deleted");
  return {};
}

void add_power(CLI::App& server, Session& session, char const* command, char const* act, char const* help) {
  struct Power {
    std::string name;
    bool wait = false;
    bool force = false;
  };
  auto* sub = server.add_subcommand(command, help);
  auto wish = std::make_shared<Power>();
  sub->add_option("SERVER", wish->name, "name or id")->required();
  sub->add_flag("--wait", wish->wait, "wait until it is done, and tell its steps");
  if (std::string_view(command) == "stop")
    sub->add_flag("--force", wish->force, "cut the power instead of shutting down");
  sub->callback([&session, wish, act] {
    session.act = [&session, wish, act](Client& client) -> Result<void> {
      auto const id = TRY(server_id(client, wish->name));
      auto const answer =
          TRY(client.post("/servers/" + id + "/power", json::object{{"act", wish->force ? "power_off" : act}}));
      return conclude(client, session, answer, wish->wait);
    };
  });
}

void add_reading(CLI::App& server, Session& session) {
  server.add_subcommand("list", "Every server within reach")->alias("ls")->callback([&session] {
    session.act = [&session](Client& client) -> Result<void> {
      show_list(session.format, TRY(client.all("/servers?limit=100")), list_columns());
      return {};
    };
  });
  auto* show = server.add_subcommand("show", "One server");
  auto name = std::make_shared<std::string>();
  show->add_option("SERVER", *name, "name or id")->required();
  show->callback([&session, name] {
    session.act = [&session, name](Client& client) -> Result<void> {
      show_one(session.format, TRY(client.get("/servers/" + TRY(server_id(client, *name)))), sheet_columns());
      return {};
    };
  });
}

void add_create(CLI::App& server, Session& session) {
  auto* sub = server.add_subcommand("create", "Make a server from an image and a plan");
  auto wish = std::make_shared<Create>();
  sub->add_option("NAME", wish->name)->required();
  sub->add_option("--image", wish->image, "name or id (berth image list)")->required();
  sub->add_option("--plan", wish->plan, "name or id (berth plan list)")->required();
  sub->add_option("--hostname", wish->hostname, "absent: made from the name");
  sub->add_option("--ssh-key", wish->key_files, "a file of OpenSSH public keys; may be repeated");
  sub->add_flag("--password-stdin", wish->password_from_input,
                "read the password of the image's user from standard input");
  sub->add_option("--group", wish->group, "the peer group whose servers it may reach");
  sub->add_flag("--stopped", wish->stopped, "do not start it");
  sub->add_flag("--dry-run", wish->dry_run, "check everything, change nothing");
  sub->add_flag("--wait", wish->wait, "wait until it is done, and tell its steps");
  sub->callback(
      [&session, wish] { session.act = [&session, wish](Client& client) { return create(client, session, *wish); }; });
}

void add_group(CLI::App& server, Session& session) {
  struct Group {
    std::string name;
    std::string group;
    bool none = false;
    bool wait = false;
  };
  auto* sub = server.add_subcommand("group", "Say whom a server may reach: the servers of one group reach each other");
  auto wish = std::make_shared<Group>();
  sub->add_option("SERVER", wish->name, "name or id")->required();
  auto* target = sub->add_option_group("target");
  target->add_option("NAME", wish->group, "the group; made when there is none of that name");
  target->add_flag("--none", wish->none, "leave its group");
  target->require_option(1);
  sub->add_flag("--wait", wish->wait, "wait until it is done, and tell its steps");
  sub->callback([&session, wish] {
    session.act = [&session, wish](Client& client) -> Result<void> {
      auto const path = "/servers/" + TRY(server_id(client, wish->name));
      auto const tag = TRY(client.etag(path));
      json::value const group = wish->none ? json::value(nullptr) : json::value(wish->group);
      auto const answer = TRY(client.patch(path, json::object{{"peer_group", group}}, tag));
      // Nothing to do: the panel answers with the server as it is.
      if (answer.is_object() && answer.as_object().contains("job") && answer.as_object().at("job").is_object())
        return conclude(client, session, answer, wish->wait);
      show_one(session.format, answer, sheet_columns());
      return {};
    };
  });
}

void add_rename_and_delete(CLI::App& server, Session& session) {
  auto* rename = server.add_subcommand("rename", "Give a server another name");
  auto names = std::make_shared<std::pair<std::string, std::string>>();
  rename->add_option("SERVER", names->first, "name or id")->required();
  rename->add_option("NAME", names->second, "its new name")->required();
  rename->callback([&session, names] {
    session.act = [&session, names](Client& client) -> Result<void> {
      auto const path = "/servers/" + TRY(server_id(client, names->first));
      auto const tag = TRY(client.etag(path));
      show_one(session.format, TRY(client.patch(path, json::object{{"name", names->second}}, tag)), sheet_columns());
      return {};
    };
  });

  struct Delete {
    std::string name;
    bool yes = false;
    bool wait = false;
  };
  auto* remove = server.add_subcommand("delete", "Delete a server, its disk and its address");
  auto wish = std::make_shared<Delete>();
  remove->add_option("SERVER", wish->name, "name or id")->required();
  remove->add_flag("--yes", wish->yes, "do not ask");
  remove->add_flag("--wait", wish->wait, "wait until it is done, and tell its steps");
  remove->callback([&session, wish] {
    session.act = [&session, wish](Client& client) -> Result<void> {
      auto const id = TRY(server_id(client, wish->name));
      if (!wish->yes) TRY(confirm(client, id));
      return conclude(client, session, TRY(client.remove("/servers/" + id)), wish->wait);
    };
  });
}

}  // namespace

void add_server_commands(CLI::App& app, Session& session) {
  auto& server = *app.add_subcommand("server", "Servers: VMs and containers");
  server.require_subcommand(1);
  add_reading(server, session);
  add_create(server, session);
  add_power(server, session, "start", "start", "Start a server");
  add_power(server, session, "stop", "shutdown", "Shut a server down");
  add_power(server, session, "restart", "restart", "Shut a server down and start it again");
  add_power(server, session, "pause", "pause", "Hold a server where it is");
  add_power(server, session, "resume", "resume", "Let a paused server go on");
  add_group(server, session);
  add_rename_and_delete(server, session);
  add_console_command(server, session);
}

}  // namespace berth::cli
