#include "firmware/base/digest.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "firmware/base/random.hpp"

namespace berth {

Sha256::Sha256() {
  crypto_hash_sha256_init(&state_);
}

void Sha256::add(std::span<std::byte const> bytes) {
  crypto_hash_sha256_update(&state_, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
}

std::string Sha256::finish_hex() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
  crypto_hash_sha256_final(&state_, out.data());
  return hex(out);
}

Result<FileDigest> digest_file(int file) {
  constexpr std::size_t chunk_bytes = 1 << 20;
  std::vector<std::byte> chunk(chunk_bytes);
  Sha256 hash;
  FileDigest digest;
  while (true) {
    auto const count = ::pread(file, chunk.data(), chunk.size(), static_cast<off_t>(digest.bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "read a file to digest it");
    if (count == 0) break;
    hash.add(std::span(chunk).first(static_cast<std::size_t>(count)));
    digest.bytes += static_cast<std::uint64_t>(count);
  }
  digest.sha256 = hash.finish_hex();
  return digest;
}

}  // namespace berth
