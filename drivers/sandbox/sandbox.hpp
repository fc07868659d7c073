// The engine's side of berth-sandbox: one short-lived child for one untrusted file, with nothing but the descriptors it
// is given.
//
// What the child says is as untrusted as the file: one bounded JSON document, read by the rules of
// firmware/base/json.hpp. Whoever breaks the child holds an identity that owns nothing, cannot make a socket or a
// process, and dies within its limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::sandbox {

struct UnpackLimits {
  std::uint64_t bytes_max = std::uint64_t{16} << 30;  // of all files together, as written by all layers
  std::uint64_t entries_max = 1'000'000;
  std::chrono::seconds deadline{1800};
};

struct UnpackedImage {
  std::uint64_t bytes = 0;  // of file content written
  std::uint64_t entries = 0;
  json::value config;  // the OCI image config, verified by digest, its content unchecked
};

struct DiskFacts {
  std::uint64_t virtual_bytes = 0;
};

// Thread-safe: it holds only the program's path.
class Sandbox {
 public:
  explicit Sandbox(std::filesystem::path program) : program_(std::move(program)) {}

  // Unpacks the OCI archive (a regular file, any offset) into the empty directory `tree`. The child runs as nobody's
  // ids, in a user namespace of range 0, and writes through an id-mapped view of `tree`: what lands on the disk has the
  // owners that the image says (0..65535), and no process outside ever acts for it. Errors: corrupt (digest, format),
  // invalid_argument (what an image must not hold), too_large, exhausted, timed_out, io.
  Result<UnpackedImage> unpack_oci(int archive, std::filesystem::path const& tree, UnpackLimits const& limits) const;

  // Judges the qcow2 file `disk`, lent to the child for the time it takes. Refuses what would make QEMU open
  // other files: backing file, data file; and encryption, version 2, damage, more than 64 TiB. Errors: corrupt,
  // invalid_argument, timed_out, io.
  Result<DiskFacts> inspect_disk(int disk) const;

  // Gives the qcow2 file `disk` a new virtual size, at least the old one. Errors: invalid_argument, timed_out, io.
  Result<void> resize_disk(int disk, std::uint64_t virtual_bytes) const;

 private:
  std::filesystem::path program_;
};

}  // namespace berth::sandbox
