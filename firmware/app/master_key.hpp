// Where the panel's master key comes from, and whether it is the one that this database was sealed with.
#pragma once

#include <filesystem>

#include "firmware/base/result.hpp"
#include "firmware/base/secret_box.hpp"
#include "firmware/services/call.hpp"

namespace berth::app {

// The service manager's credential "berth-master-key" ($CREDENTIALS_DIRECTORY, systemd.exec(5)); without one, as on a development
// machine, master.key in `state`, made when it is absent. Errors: io, corrupt.
Result<SecretBox> open_master_key(std::filesystem::path const& state);

// Seals a known text at the first start and opens it at every later one. Another key is said in the log: the panel goes on, and
// what was sealed with the old one stays as it is until that key is back. Errors: those of the database.
Result<void> check_master_key(services::Call& call, SecretBox const& secrets);

}  // namespace berth::app
