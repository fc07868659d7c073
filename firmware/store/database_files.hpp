// Copies of the database as files: whole and on the disk, or not there. A failed fsync ends the process (connection.hpp).
#pragma once

#include <filesystem>

#include "firmware/base/result.hpp"
#include "firmware/store/connection.hpp"

namespace berth::store {

// Of a file or a folder.
Result<void> sync_to_disk(std::filesystem::path const& path);
Result<void> rename_durably(std::filesystem::path const& from, std::filesystem::path const& to);
// A private copy of the open database; what was at `to` is replaced at once.
Result<void> copy_durably(Connection& from, std::filesystem::path const& to);

}  // namespace berth::store
