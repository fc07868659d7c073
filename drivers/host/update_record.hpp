// What the engine remembers of updates over its own restarts and the machine's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::host {

// The last installation: begun, and how it ended.
struct UpdateRecord {
  std::string version;
  std::string transaction;  // under which RAUC knows it
  bool ended = false;
  std::string failure;  // ended, and not well
};
BOOST_DESCRIBE_STRUCT(UpdateRecord, (), (version, transaction, ended, failure))

// Which release was started from which slot: of what was flashed, RAUC knows nothing.
struct StartedReleases {
  std::string a;
  std::string b;
};
BOOST_DESCRIBE_STRUCT(StartedReleases, (), (a, b))

// In the folder that MachinePaths::updates names. Nothing: there is none, or it cannot be understood.
std::optional<UpdateRecord> read_update_record(std::filesystem::path const& folder);
Result<void> write_update_record(std::filesystem::path const& folder, UpdateRecord const& record);
StartedReleases read_started_releases(std::filesystem::path const& folder);
Result<void> write_started_releases(std::filesystem::path const& folder, StartedReleases const& releases);

// The bundle that is being installed: a copy that nobody else can write, so that what was looked at is what gets installed. On
// the file system of the guests it is a clone and takes no room. Errors: exhausted, invalid_argument (not a plain file), io.
Result<std::filesystem::path> take_bundle(std::filesystem::path const& folder, int from);
void drop_bundle(std::filesystem::path const& folder);

}  // namespace berth::host
