// What an installer's medium carries: the parts of a disk, and the layout that says where each of them goes. Written by
// rootfs/dev/appliance/layout.py from the partition table of the image that is flashed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::installer {

using ByteCount = Number<0, (1LL << 53) - 1>;

struct Part {
  Text<0, 64> part;  // its file; "" is none: the partition starts empty
  ByteCount part_bytes;
  Text<0, 64> sha256;  // lower-case hex
};
BOOST_DESCRIBE_STRUCT(Part, (), (part, part_bytes, sha256))

struct LayoutPartition {
  Text<1, 36> name;
  Text<36, 36> type;  // GUID
  ByteCount start_bytes;
  ByteCount bytes;
  Text<0, 64> part;
  ByteCount part_bytes;
  Text<0, 64> sha256;
};
BOOST_DESCRIBE_STRUCT(LayoutPartition, (), (name, type, start_bytes, bytes, part, part_bytes, sha256))

struct Layout {
  Text<1, 64> board;
  Text<1, 64> version;
  Part boot_code;                        // of the first sector
  List<LayoutPartition, 16> partitions;  // in the order of the disk; the last takes what is left of it
};
BOOST_DESCRIBE_STRUCT(Layout, (), (board, version, boot_code, partitions))

class Payload {
 public:
  // `folder` holds layout.json and the parts; root.squashfs is `root`, a file or a block device that begins with it.
  // Errors: not_found, corrupt (the layout does not parse, or its partitions overlap, are unaligned, or too small for their parts).
  static Result<Payload> read(std::filesystem::path folder, std::filesystem::path root);

  Layout const& layout() const { return layout_; }
  // For reading from offset 0; only the first part_bytes belong to it. Thread-safe. Errors: not_found, io.
  Result<Descriptor> open(std::string_view part) const;

 private:
  Payload(std::filesystem::path folder, std::filesystem::path root, Layout layout)
      : folder_(std::move(folder)), root_(std::move(root)), layout_(std::move(layout)) {}

  std::filesystem::path folder_;
  std::filesystem::path root_;
  Layout layout_;
};

}  // namespace berth::installer
