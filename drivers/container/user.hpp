// Whom an image's process runs as. Names are looked up in the image's own /etc/passwd and /etc/group, which may be
// anything: they are opened inside the tree (openat2 RESOLVE_IN_ROOT), read to a bound, and lines that make no sense
// are skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth::container {

struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // supplementary
  std::string home = "/";
};

// `wish`: "", "name", "uid", "name:group", "uid:gid". Every id is 0..65535: larger ones do not exist in a guest, and
// what does not fit into 32 bits is no id at all. Errors: invalid_argument, io.
Result<User> find_user(std::filesystem::path const& tree, std::string_view wish);

}  // namespace berth::container
