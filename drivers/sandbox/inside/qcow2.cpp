#include "drivers/sandbox/inside/qcow2.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>

namespace berth::sandbox {
namespace {

constexpr std::uint32_t magic = 0x514649fb;  // "QFI\xfb"
constexpr std::size_t header_bytes = 104;
constexpr std::uint64_t virtual_bytes_max = std::uint64_t{1} << 46;
// Incompatible features: bit 0 dirty, 1 corrupt, 2 external data file, 3 compression type, 4 extended L2 entries.
constexpr std::uint64_t corrupt_bit = 1U << 1;
constexpr std::uint64_t data_file_bit = 1U << 2;
constexpr std::uint64_t known_bits = 0x1f;
constexpr std::uint32_t extension_end = 0;
constexpr std::uint32_t extension_backing_format = 0xe2792aca;
constexpr std::uint32_t extension_data_file = 0x44415441;
constexpr std::uint32_t extension_full_disk_encryption = 0x0537be77;

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::corrupt, "image-corrupt", std::move(message));
}
std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "image-refused", std::move(message));
}

template <class Word>
Word big_endian(unsigned char const* at) {
  Word value = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) value = static_cast<Word>(value << 8 | at[i]);
  return value;
}

Result<bool> read_at(int file, std::uint64_t offset, std::span<unsigned char> into) {
  auto const count = ::pread(file, into.data(), into.size(), static_cast<off_t>(offset));
  if (count < 0) return fail_errno(errno, "read the disk's header");
  return static_cast<std::size_t>(count) == into.size();
}

Result<void> check_extensions(int file, std::uint64_t offset, std::uint64_t cluster_bytes) {
  while (offset + 8 <= cluster_bytes) {
    std::array<unsigned char, 8> head{};
    if (!TRY(read_at(file, offset, head))) return corrupt("the disk's header is cut short");
    auto const type = big_endian<std::uint32_t>(head.data());
    auto const length = big_endian<std::uint32_t>(head.data() + 4);
    if (type == extension_end) return {};
    if (type == extension_backing_format) return refuse("the disk refers to a backing file");
    if (type == extension_data_file) return refuse("the disk keeps its data in another file");
    if (type == extension_full_disk_encryption) return refuse("the disk is encrypted");
    if (length > cluster_bytes) return corrupt("the disk's header does not add up");
    offset += 8 + ((std::uint64_t{length} + 7) & ~std::uint64_t{7});
  }
  return {};
}

}  // namespace

Result<void> check_qcow2(int file) {
  std::array<unsigned char, header_bytes> head{};
  bool const whole = TRY(read_at(file, 0, head));
  if (big_endian<std::uint32_t>(head.data()) != magic) return corrupt("the disk is not in the qcow2 format");
  auto const version = big_endian<std::uint32_t>(head.data() + 4);
  if (version == 2)
    return refuse("the disk is in the old version of qcow2; convert it with: qemu-img amend -o compat=1.1");
  if (version != 3 || !whole) return corrupt("the disk's header is unknown or cut short");
  if (big_endian<std::uint64_t>(head.data() + 8) != 0 || big_endian<std::uint32_t>(head.data() + 16) != 0)
    return refuse("the disk refers to a backing file");
  auto const cluster_bits = big_endian<std::uint32_t>(head.data() + 20);
  if (cluster_bits < 9 || cluster_bits > 21) return corrupt("the disk's cluster size is absurd");
  auto const size = big_endian<std::uint64_t>(head.data() + 24);
  if (size == 0 || size > virtual_bytes_max) return refuse("the disk's virtual size is absurd");
  if (big_endian<std::uint32_t>(head.data() + 32) != 0) return refuse("the disk is encrypted");
  auto const features = big_endian<std::uint64_t>(head.data() + 72);
  if ((features & corrupt_bit) != 0) return corrupt("the disk is marked as damaged");
  if ((features & data_file_bit) != 0) return refuse("the disk keeps its data in another file");
  if ((features & ~known_bits) != 0) return refuse("the disk uses features that are not known here");
  auto const length = big_endian<std::uint32_t>(head.data() + 100);
  auto const cluster_bytes = std::uint64_t{1} << cluster_bits;
  if (length < header_bytes || length > cluster_bytes) return corrupt("the disk's header does not add up");
  return check_extensions(file, length, cluster_bytes);
}

}  // namespace berth::sandbox
