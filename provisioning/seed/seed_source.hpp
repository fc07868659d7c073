// Where a seed comes from: a volume labelled BERTHSEED with a file berth.json, or a credential that the firmware handed over.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::seed {

struct Sources {
  std::filesystem::path volume = "/dev/disk/by-label/BERTHSEED";  // FAT or ISO 9660
  std::filesystem::path credential;                               // empty: none
};

struct Found {
  std::string text;
  std::string where;  // for people: "the volume BERTHSEED"
};

// The first that is there. The volume is mounted read only, without programs or devices, where no other process sees it: the
// caller's mount namespace becomes its own. Errors: io, too_large, corrupt (a volume without the file, or that cannot be read).
Result<std::optional<Found>> find_seed(Sources const& sources);

// A regular file of at most 64 KiB; no link is followed. Errors: not_found, too_large, corrupt, io.
Result<std::string> read_plain_file(std::filesystem::path const& path);

}  // namespace berth::seed
