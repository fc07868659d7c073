// The commands, a file a noun. Each adds its part to the command line; the chosen one is run after parsing.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "firmware/cli/client.hpp"
#include "firmware/cli/output.hpp"

namespace berth::cli {

// What the command line fills in.
struct Session {
  std::string socket = "/run/berth/panel.sock";
  Format format = Format::table;
  // What the chosen command does.
  std::function<Result<void>(Client&)> act;
};

void add_server_commands(CLI::App& app, Session& session);
void add_console_command(CLI::App& server, Session& session);
void add_job_commands(CLI::App& app, Session& session);
void add_host_commands(CLI::App& app, Session& session);
void add_machine_commands(CLI::App& app, Session& session);
void add_admin_commands(CLI::App& app, Session& session);
void add_health_command(CLI::App& app, Session& session);
void add_completion_command(CLI::App& app, Session& session);

// The thing of a list whose id or name is `key`. Errors: not_found, conflict when two have that name.
Result<json::object> find_named(Client& client, std::string_view list, std::string_view noun, std::string_view key);
// The id of the server called `key` (or `key` itself when it is an id).
Result<std::string> server_id(Client& client, std::string_view key);

// The lines of these files that are no comments. Errors: not_found.
Result<json::array> read_keys(std::vector<std::string> const& files);

// Shows the job of a 202 answer, or follows it to its end.
Result<void> conclude(Client& client, Session const& session, json::value const& answer, bool wait);

// Exit codes; `berth --help` tells them.
inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_unreachable = 3;
inline constexpr int exit_not_found = 4;
inline constexpr int exit_job_failed = 5;
int exit_code_of(Error const& error);

}  // namespace berth::cli
