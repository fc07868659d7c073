// The small JSON files beside images and disks.
#pragma once

#include <filesystem>

#include "drivers/contract/types.hpp"

namespace berth::storage {

struct ImageRecord {
  contract::ImageName image;
  contract::GuestKind kind = contract::GuestKind::vm;
  contract::Digest sha256;  // of the file that was imported
  contract::Count stored_bytes;
  contract::Count virtual_bytes;
};
BOOST_DESCRIBE_STRUCT(ImageRecord, (), (image, kind, sha256, stored_bytes, virtual_bytes))

struct DiskRecord {
  contract::ImageName image;
  contract::GuestKind kind = contract::GuestKind::vm;
  contract::DiskSize size_bytes;
};
BOOST_DESCRIBE_STRUCT(DiskRecord, (), (image, kind, size_bytes))

template <class Record>
Result<Record> read_record(std::filesystem::path const& path);
extern template Result<ImageRecord> read_record(std::filesystem::path const&);
extern template Result<DiskRecord> read_record(std::filesystem::path const&);

}  // namespace berth::storage
