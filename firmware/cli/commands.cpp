#include "firmware/cli/commands.hpp"

#include <format>
#include <fstream>

#include "firmware/cli/follow.hpp"

namespace berth::cli {

Result<json::object> find_named(Client& client, std::string_view list, std::string_view noun, std::string_view key) {
  std::optional<json::object> found;
  for (auto& item : TRY(client.all(list))) {
    if (!item.is_object()) continue;
    auto& object = item.get_object();
    if (member_text(object, "id") == key) return std::move(object);
    if (member_text(object, "name") != key) continue;
    if (found)
      return fail(ErrorCode::conflict, "ambiguous-name",
                  std::format("there is more than one {} called {}: use its id", noun, key));
    found = std::move(object);
  }
  if (!found)
    return fail(ErrorCode::not_found, "not-found", std::format("there is no {} called {}", noun, printable(key)));
  return *std::move(found);
}

Result<std::string> server_id(Client& client, std::string_view key) {
  if (ServerId::parse(key)) return std::string(key);
  return member_text(TRY(find_named(client, "/servers?limit=100", "server", key)), "id");
}

Result<json::array> read_keys(std::vector<std::string> const& files) {
  json::array keys;
  for (auto const& file : files) {
    std::ifstream in(file);
    if (!in) return fail(ErrorCode::not_found, "no-such-file", std::format("{} cannot be read", file));
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line.front() != '#') keys.emplace_back(line);
  }
  return keys;
}

Result<void> conclude(Client& client, Session const& session, json::value const& answer, bool wait) {
  auto const* object = answer.if_object();
  auto const* job = object == nullptr || !object->contains("job") ? nullptr : object->at("job").if_object();
  if (job == nullptr) return fail(ErrorCode::corrupt, "unexpected-answer", "the panel's answer names no job");
  auto const id = member_text(*job, "id");
  std::vector<Column> const columns{member("Job", "id"), member("Title", "title"), member("State", "state"),
                                    member("Server", "server")};
  if (!wait) {
    show_one(session.format, *job, columns);
    return {};
  }
  show_one(session.format, TRY(follow_job(client, id)), columns);
  return {};
}

int exit_code_of(Error const& error) {
  if (error.slug == "job-failed") return exit_job_failed;
  if (error.slug == "panel-down") return exit_unreachable;
  if (error.code == ErrorCode::not_found) return exit_not_found;
  return exit_refused;
}

}  // namespace berth::cli
