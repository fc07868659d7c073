// SHA-256 over a stream.
#pragma once

#include <sodium/crypto_hash_sha256.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "firmware/base/result.hpp"

namespace berth {

class Sha256 {
 public:
  Sha256();
  void add(std::span<std::byte const> bytes);
  // Lower-case hex of all that was added; the object is spent.
  std::string finish_hex();

 private:
  crypto_hash_sha256_state state_;
};

struct FileDigest {
  std::string sha256;  // lower-case hex
  std::uint64_t bytes = 0;
};

// Of the whole file, from offset 0; its position is left alone. Errors: io.
Result<FileDigest> digest_file(int file);

}  // namespace berth
