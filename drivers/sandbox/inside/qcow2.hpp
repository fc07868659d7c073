// The header of a qcow2 file, judged before QEMU's own code sees the file (qemu docs/interop/qcow2.rst).
#pragma once

#include "firmware/base/result.hpp"

namespace berth::sandbox {

// Success: version 3, names no other file, is not encrypted, was closed cleanly, and its virtual size is sane (1 byte
// to 64 TiB). Errors: corrupt (not such a file), invalid_argument (what is refused), io.
Result<void> check_qcow2(int file);

}  // namespace berth::sandbox
