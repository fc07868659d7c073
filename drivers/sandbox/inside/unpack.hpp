// One whole image from an archive into a tree.
#pragma once

#include <cstdint>

#include "drivers/sandbox/inside/layer.hpp"
#include "firmware/base/json.hpp"

namespace berth::sandbox {

struct Unpacked {
  json::value config;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

// The archive behind `file` into the empty directory `root`; every digest and diff_id is checked while its bytes pass.
// After an error the tree is worthless. Errors: of find_image and apply_layer.
Result<Unpacked> unpack_image(int file, int root, Budget const& allowed);

}  // namespace berth::sandbox
