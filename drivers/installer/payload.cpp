#include "drivers/installer/payload.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "firmware/base/files.hpp"
#include "firmware/base/units.hpp"

namespace berth::installer {
namespace {

constexpr std::size_t layout_bytes_max = 64 * kib;
constexpr std::int64_t boot_code_bytes = 440;
constexpr std::string_view root_part = "root.squashfs";

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

// Both go into sfdisk's script as they are.
bool is_plain(LayoutPartition const& p) {
  return is_name(p.name) &&
         std::ranges::all_of(p.type.str(), [](char c) { return c == '-' || is_hex(std::string(1, c | 0x20)); });
}

bool has_digest(std::string_view part, std::string_view sha256) {
  return is_name(part) && sha256.size() == 64 && is_hex(sha256);
}

std::string problem_of(Layout const& layout) {
  if (layout.partitions.empty()) return "it has no partitions";
  if (layout.boot_code.part_bytes.value != boot_code_bytes ||
      !has_digest(layout.boot_code.part, layout.boot_code.sha256))
    return "its boot code is not what it should be";
  std::int64_t free_from = mib;
  for (auto const& p : layout.partitions) {
    if (!is_plain(p)) return "a partition's name or type is not plain";
    if (p.start_bytes % mib != 0 || p.bytes % mib != 0 || p.bytes == 0) return p.name.str() + " is not aligned";
    if (p.start_bytes < free_from) return p.name.str() + " overlaps what is before it";
    if (p.part_bytes > p.bytes) return p.name.str() + " is smaller than its content";
    if (!p.part.empty() && !has_digest(p.part, p.sha256)) return p.name.str() + " has no digest";
    free_from = p.start_bytes + p.bytes;
  }
  return "";
}

}  // namespace

Result<Payload> Payload::read(std::filesystem::path folder, std::filesystem::path root) {
  auto layout = read_json<Layout>(TRY(read_file(folder / "layout.json", layout_bytes_max)));
  if (!layout)
    return fail(ErrorCode::corrupt, "bad-layout",
                "the medium's description of a disk cannot be read: " + describe(layout.error()));
  if (auto const problem = problem_of(*layout); !problem.empty())
    return fail(ErrorCode::corrupt, "bad-layout", "the medium's description of a disk is wrong: " + problem);
  return Payload(std::move(folder), std::move(root), *std::move(layout));
}

Result<Descriptor> Payload::open(std::string_view part) const {
  auto const path = part == root_part ? root_ : folder_ / part;
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "open " + path.string());
  return file;
}

}  // namespace berth::installer
