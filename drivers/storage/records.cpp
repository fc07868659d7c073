#include "drivers/storage/records.hpp"

#include "firmware/base/files.hpp"

namespace berth::storage {

template <class Record>
Result<Record> read_record(std::filesystem::path const& path) {
  constexpr std::size_t record_bytes_max = 4096;
  return read_json<Record>(TRY(read_file(path, record_bytes_max)));
}
template Result<ImageRecord> read_record(std::filesystem::path const&);
template Result<DiskRecord> read_record(std::filesystem::path const&);

}  // namespace berth::storage
