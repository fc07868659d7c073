#include "drivers/fake/digest.hpp"

#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "firmware/base/random.hpp"

namespace berth::fake {
namespace {

// qcow2's header: magic "QFI\xfb", and at offset 24 the virtual size, big-endian (QEMU docs/interop/qcow2.txt).
std::uint64_t qcow2_size(std::string_view head) {
  if (head.size() < 32 || !head.starts_with("QFI\xfb")) return 0;
  std::uint64_t size = 0;
  for (std::size_t i = 24; i < 32; ++i) size = size << 8 | static_cast<unsigned char>(head[i]);
  return size;
}

}  // namespace

Result<FileDigest> read_digest(int fd) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  FileDigest seen;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (true) {
    auto const n = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(seen.bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, "reading the image's file");
    if (n == 0) break;
    std::string_view const part(buffer.data(), static_cast<std::size_t>(n));
    if (seen.bytes == 0) seen.virtual_bytes = qcow2_size(part);
    crypto_hash_sha256_update(&state, reinterpret_cast<unsigned char const*>(part.data()), part.size());
    seen.bytes += part.size();
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum;
  crypto_hash_sha256_final(&state, sum.data());
  seen.sha256 = hex(sum);
  if (seen.virtual_bytes == 0) seen.virtual_bytes = seen.bytes;
  return seen;
}

}  // namespace berth::fake
