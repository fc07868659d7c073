// The file of a UNIX socket: made free before listening, and given to the right people after.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "firmware/base/result.hpp"

namespace berth::http {

// Removes the socket file of a server that is gone. Errors: conflict when somebody listens there or another kind of
// file has the name, invalid_argument when the path cannot be listened on (relative, longer than 100 bytes, ',' or
// ':').
[[nodiscard]] Result<void> make_way_for_socket(std::filesystem::path const& path);

// Mode 0660 and the group. Until then only the owner may connect, as bind(2) made the file under the process's umask.
[[nodiscard]] Result<void> open_socket_to(std::filesystem::path const& path, std::optional<gid_t> group);

}  // namespace berth::http
