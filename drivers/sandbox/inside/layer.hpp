// Applies one layer of an image to a tree: image-spec layer.md, whiteouts included.
#pragma once

#include <cstdint>

#include "drivers/sandbox/inside/archive_reader.hpp"
#include "drivers/sandbox/inside/tree.hpp"

namespace berth::sandbox {

// What an image may still use. Shared by its layers.
struct Budget {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

// Errors: invalid_argument (an entry that an image must not hold: devices outside /dev, ids above 65535, names or links
// that lead out), too_large (budget), corrupt, exhausted, io.
Result<void> apply_layer(TarReader& layer, Tree& tree, Budget& left);

}  // namespace berth::sandbox
