// Pull-style streams over libarchive: an outer tar's entries, a blob decompressed, a layer's entries. None is
// thread-safe.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/digest.hpp"
#include "firmware/base/result.hpp"

namespace berth::sandbox {

// Bytes to be had in order. 0 bytes: the end. Errors: corrupt, io.
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
};

struct FreeArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;

// What libarchive's read callback stands on. The error is kept here, because libarchive only carries words.
struct SourceFeed {
  explicit SourceFeed(Source& from);
  static la_ssize_t read(archive* a, void* self, void const** out);

  Source& source;
  std::vector<std::byte> buffer;
  std::optional<Error> error;
};

struct Entry {
  std::string name;  // as in the archive
  mode_t type = 0;   // AE_IFREG, ...; 0 for a hard link
  mode_t mode = 0;   // permission bits
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t size_bytes = 0;
  std::int64_t modified_s = 0;
  std::optional<std::string> symlink;
  std::optional<std::string> hardlink;
};

struct Block {
  std::span<std::byte const> bytes;
  std::int64_t offset = 0;  // in the file: holes are left out
};

// The entries of a tar. What was read of the entry before is skipped by next().
class TarReader {
 public:
  // Of a regular file, from its start; plain, gzip or zstd.
  static Result<TarReader> of_file(int file);
  // Of an uncompressed stream; `source` must outlive it and stay where it is.
  static Result<TarReader> of_source(Source& source);

  // Nothing: the end. Errors: corrupt, and what the source says.
  Result<std::optional<Entry>> next();
  // The next block of the entry's content; nothing at its end.
  Result<std::optional<Block>> block();

 private:
  TarReader(ArchiveHandle handle, std::unique_ptr<SourceFeed> feed)
      : feed_(std::move(feed)), handle_(std::move(handle)) {}
  std::unexpected<Error> refuse();
  std::unique_ptr<SourceFeed> feed_;  // outlives the handle that reads from it
  ArchiveHandle handle_;
};

// The content of the entry that `reader` stands at, hashed while it passes.
class EntrySource final : public Source {
 public:
  explicit EntrySource(TarReader& reader) : reader_(reader) {}
  Result<std::size_t> read(std::span<std::byte> into) override;
  std::uint64_t bytes() const { return bytes_; }
  // Reads to the end; then the digest of all of it.
  Result<std::string> finish();

 private:
  TarReader& reader_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  Block pending_;
  std::int64_t position_ = 0;
};

// A gzip, zstd or plain stream as plain bytes, hashed while they pass. Refuses bombs: more than ratio_max bytes out of
// one.
class Decompressed final : public Source {
 public:
  static constexpr std::uint64_t ratio_max = 250;
  static constexpr std::uint64_t free_bytes = std::uint64_t{64} << 20;  // a small layer may be all zeros

  // `source` must outlive it and stay where it is.
  static Result<Decompressed> open(EntrySource& source, std::uint64_t bytes_max);
  Result<std::size_t> read(std::span<std::byte> into) override;
  Result<std::string> finish();

 private:
  Decompressed(EntrySource& source, std::uint64_t bytes_max);
  Result<void> start();
  std::unexpected<Error> refuse();
  EntrySource& source_;
  std::uint64_t bytes_max_;
  std::unique_ptr<SourceFeed> feed_;
  ArchiveHandle handle_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  bool empty_ = false;
};

}  // namespace berth::sandbox
