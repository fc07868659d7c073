// What a person may change about a server that exists: its name, and whom it may reach.
#pragma once

#include <optional>
#include <string>

#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

struct ServerEdit {
  std::optional<std::string> name = std::nullopt;
  // Absent: as it is. Without a value: into no group. Else the tenant's group of that name, made when there is none.
  std::optional<std::optional<std::string>> peer_group = std::nullopt;
};

struct EditedServer {
  store::Server server;
  std::optional<JobId> job;  // that tells the engine; absent when it need not know
};

// All of it or nothing. Errors: invalid_argument (/name, /peer_group), conflict ("server-name-taken"; of a group:
// "job-under-way", "server-not-built"), precondition_failed (somebody edited it meanwhile).
Result<EditedServer> edit_server(Call& call, Granted<store::Server> const& server, ServerEdit const& edit,
                                 std::int64_t expected_version);

// Which rule breaks a peer group's name: those of other names.
std::optional<Complaint> why_not_peer_group(std::string_view name);

}  // namespace berth::compute
