// Finds an image in an archive: an OCI image layout in a tar (image-spec image-layout.md), or what `docker save`
// writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::sandbox {

struct LayerRef {
  std::string entry;    // its name in the archive
  std::string digest;   // hex SHA-256 of the entry's bytes; empty in docker's own form, which has none
  std::string diff_id;  // hex SHA-256 of the tar in it
};

struct ImageRef {
  json::value config;            // OCI image config; its bytes match the digest that named it
  std::vector<LayerRef> layers;  // lowest first, at most 128
};

// The linux/amd64 image of the archive behind `file` (regular; plain, gzip or zstd tar). The layers are not read yet.
// Errors: corrupt (a digest, a missing blob, no such image), too_large, io.
Result<ImageRef> find_image(int file);

}  // namespace berth::sandbox
