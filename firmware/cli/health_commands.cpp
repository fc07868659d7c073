// The panel's part of the health contract of a release (decisions/0005-updates.md): it answers, its engine answers, and the servers
// that ran before the machine started again were brought back. One that was, and has ended or paused since, is not the release's doing.
#include <format>
#include <fstream>
#include <set>

#include "firmware/base/clock.hpp"
#include "firmware/base/files.hpp"
#include "firmware/cli/commands.hpp"

namespace berth::cli {
namespace {

constexpr std::size_t list_bytes_max = std::size_t{4} * 1024 * 1024;

// One id a line; nothing when there is no such file yet.
Result<std::set<std::string>> read_list(std::string const& path) {
  std::set<std::string> ids;
  auto const text = read_file(path, list_bytes_max);
  if (!text && text.error().code == ErrorCode::not_found) return ids;
  if (!text) return std::unexpected(text.error());
  std::string_view rest = *text;
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    if (end != 0) ids.emplace(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return ids;
}

Result<void> record(Client& client, std::string const& path) {
  std::string ids;
  for (auto const& server : TRY(client.all("/servers?limit=100")))
    if (member_text(server.as_object(), "state") == "running") ids += member_text(server.as_object(), "id") + "\n";
  return replace_file(path, ids, 0600);
}

// When this machine came up, by its clock as it goes now.
Result<std::string> came_up() {
  auto const text = TRY(read_file("/proc/uptime", 100));
  auto const uptime = std::chrono::seconds{std::strtoll(text.c_str(), nullptr, 10)};
  return rfc3339(SystemClock{}.now() - uptime);
}

// Whether a job has started this server since.
Result<bool> was_started(Client& client, std::string const& server, std::string const& since) {
  for (auto const& item : TRY(client.all("/jobs?state=succeeded&limit=100&server=" + server))) {
    auto const& job = item.as_object();
    auto const type = member_text(job, "type");
    if ((type == "server.start" || type == "server.restart") && member_text(job, "finished_at") >= since) return true;
  }
  return false;
}

Result<void> check(Client& client, std::string const& ran_before) {
  auto const host = TRY(client.get("/host")).as_object().at("host").as_object();
  auto const* answers = host.if_contains("engine_ok");
  if (answers == nullptr || !answers->is_bool() || !answers->get_bool()) {
    auto const problem = member_text(host, "engine_problem");
    return fail(ErrorCode::unavailable, "engine-silent", problem.empty() ? "the engine has not answered yet" : problem);
  }
  if (ran_before.empty()) return {};
  auto const before = TRY(read_list(ran_before));
  auto const since = TRY(came_up());
  for (auto const& item : TRY(client.all("/servers?limit=100"))) {
    auto const& server = item.as_object();
    auto const state = member_text(server, "state");
    if (!before.contains(member_text(server, "id")) || member_text(server, "wanted") != "running" || state == "running")
      continue;
    if (TRY(was_started(client, member_text(server, "id"), since))) continue;
    return fail(ErrorCode::unavailable, "server-not-back",
                std::format("the server {}, which ran before, is {}", member_text(server, "name"), state));
  }
  return {};
}

}  // namespace

void add_health_command(CLI::App& app, Session& session) {
  struct Wish {
    std::string ran_before;
    std::string record;
  };
  auto wish = std::make_shared<Wish>();
  auto* sub =
      app.add_subcommand("health", "Whether this release works: panel, engine, and the servers that ran before");
  sub->add_option("--ran-before", wish->ran_before, "a file that --record wrote: those servers must run");
  sub->add_option("--record", wish->record, "write which servers run now, and check nothing");
  sub->callback([&session, wish] {
    session.act = [wish](Client& client) {
      return wish->record.empty() ? check(client, wish->ran_before) : record(client, wish->record);
    };
  });
}

}  // namespace berth::cli
