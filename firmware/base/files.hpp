// Small files that are whole or not there. Thread-safe. Errors: not_found, exhausted, io, and what is named.
// A failed fsync is fatal: the process ends, because what the disk holds is unknown then.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth {

// Errors: too_large.
Result<std::string> read_file(std::filesystem::path const& path, std::size_t bytes_max);
// Writes beside it, syncs, renames over it, syncs the directory.
Result<void> replace_file(std::filesystem::path const& path, std::string_view text, mode_t mode);
// The same without syncing: for what a restart of the machine takes away anyhow.
Result<void> replace_volatile_file(std::filesystem::path const& path, std::string_view text, mode_t mode);
// Takes away what a process that died while it replaced files left in this folder. Nobody may be replacing any there now.
void remove_unfinished_files(std::filesystem::path const& directory);
// fsync of an open file or directory; of a directory by name.
void sync(int file);
// The same where nothing of the machine's own depends on it, a stick or a disk that is being written anew: a failure is an error
// with `what` (the device), and whoever holds the file takes nothing in it for written.
Result<void> sync_foreign(int file, std::string const& what);
Result<void> sync_directory(std::filesystem::path const& directory);
// mkdir with exactly these permissions; one that is there already gets them.
Result<void> ensure_directory(std::filesystem::path const& directory, mode_t mode);

}  // namespace berth
