#include <format>
#include <memory>

#include "firmware/cli/commands.hpp"
#include "firmware/cli/follow.hpp"

namespace berth::cli {
namespace {

std::vector<Column> list_columns() {
  return {member("ID", "id"), member("STATE", "state"), member("PROGRESS", "progress"), member("TITLE", "title"),
          member("CREATED", "created_at")};
}

std::vector<Column> sheet_columns() {
  return {member("Job", "id"),
          member("Title", "title"),
          member("State", "state"),
          member("Progress", "progress"),
          member("Error", "error.message"),
          member("Server", "server"),
          member("Created", "created_at"),
          member("Finished", "finished_at")};
}

Result<void> show(Client& client, Session const& session, std::string const& id) {
  auto const path = "/jobs/" + percent_encode(id);
  auto const job = TRY(client.get(path));
  show_one(session.format, job, sheet_columns());
  if (session.format != Format::table) return {};
  auto const* steps = job.as_object().if_contains("steps");
  if (steps != nullptr && steps->is_array())
    std::fputs(("\n" + table_of(steps->get_array(), {member("STEP", "name"), member("STATE", "state")})).c_str(),
               stdout);
  auto const log = TRY(client.get(path + "/log"));
  auto const* lines = log.as_object().if_contains("lines");
  if (lines != nullptr && lines->is_array() && !lines->get_array().empty())
    std::fputs(("\n" + table_of(lines->get_array(), {member("AT", "at"), member("LOG", "text")})).c_str(), stdout);
  return {};
}

template <class Act>
void add_for_job(CLI::App& job, Session& session, char const* command, char const* help, Act act) {
  auto* sub = job.add_subcommand(command, help);
  auto id = std::make_shared<std::string>();
  sub->add_option("JOB", *id, "its id")->required();
  sub->callback(
      [&session, id, act] { session.act = [&session, id, act](Client& client) { return act(client, session, *id); }; });
}

}  // namespace

void add_job_commands(CLI::App& app, Session& session) {
  auto& job = *app.add_subcommand("job", "Jobs: what is being done, and what was");
  job.require_subcommand(1);
  auto* list = job.add_subcommand("list", "The last hundred jobs, newest first");
  auto state = std::make_shared<std::string>();
  list->alias("ls");
  list->add_option("--state", *state, "queued, running, succeeded, failed, undoing, undone or cancelled");
  list->callback([&session, state] {
    session.act = [&session, state](Client& client) -> Result<void> {
      auto const page = TRY(client.get("/jobs?limit=100" + (state->empty() ? "" : "&state=" + percent_encode(*state))));
      show_list(session.format, page.as_object().at("items").as_array(), list_columns());
      return {};
    };
  });
  add_for_job(job, session, "show", "One job with its steps and its log", &show);
  add_for_job(job, session, "follow", "Wait for a job, and tell its steps",
              [](Client& client, Session const& s, std::string const& id) -> Result<void> {
                show_one(s.format, TRY(follow_job(client, id)), sheet_columns());
                return {};
              });
  add_for_job(job, session, "cancel", "Stop a job between two steps and undo what it did",
              [](Client& client, Session const& s, std::string const& id) -> Result<void> {
                return conclude(client, s, TRY(client.post("/jobs/" + percent_encode(id) + "/cancel")), false);
              });
  add_for_job(job, session, "retry", "Begin a job that ended badly again",
              [](Client& client, Session const& s, std::string const& id) -> Result<void> {
                return conclude(client, s, TRY(client.post("/jobs/" + percent_encode(id) + "/retry")), false);
              });
}

}  // namespace berth::cli
