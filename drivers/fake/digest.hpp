// What can be said of an image's file without opening it up.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::fake {

struct FileDigest {
  std::string sha256;  // lower-case hex
  std::uint64_t bytes = 0;
  std::uint64_t virtual_bytes = 0;  // a qcow2's own size, else the file's
};

// Reads from offset 0; the descriptor's position is left alone. Errors: io.
Result<FileDigest> read_digest(int fd);

}  // namespace berth::fake
