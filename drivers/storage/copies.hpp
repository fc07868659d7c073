// Whole files copied, by reflink (FICLONE, ioctl_ficlone(2)) where the file system can.
#pragma once

#include <filesystem>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::storage {

// Whether files below `folder` share blocks when cloned. Tries it.
bool can_reflink(std::filesystem::path const& folder);
// A new file at `to` with the content of `from`, in O(1). Errors: unsupported, io.
Result<Descriptor> reflink_file(int from, std::filesystem::path const& to);
// By reflink, else byte by byte. The file `from` is read from offset 0 to its present size. Errors: exhausted, io.
Result<Descriptor> copy_file(int from, std::filesystem::path const& to);

}  // namespace berth::storage
