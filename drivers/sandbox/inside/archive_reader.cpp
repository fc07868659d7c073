#include "drivers/sandbox/inside/archive_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace berth::sandbox {
namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::corrupt, "image-corrupt", std::move(message));
}

std::string text_of(char const* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

SourceFeed::SourceFeed(Source& from) : source(from), buffer(chunk_bytes) {}

la_ssize_t SourceFeed::read(archive* a, void* self, void const** out) {
  auto& feed = *static_cast<SourceFeed*>(self);
  auto count = feed.source.read(feed.buffer);
  if (!count) {
    archive_set_error(a, EIO, "the stream below failed");
    feed.error = std::move(count).error();
    return -1;
  }
  *out = feed.buffer.data();
  return static_cast<la_ssize_t>(*count);
}

std::unexpected<Error> TarReader::refuse() {
  if (feed_ && feed_->error) return std::unexpected(*feed_->error);
  return corrupt("the archive does not read: " + text_of(archive_error_string(handle_.get())));
}

Result<TarReader> TarReader::of_file(int file) {
  if (::lseek(file, 0, SEEK_SET) != 0) return fail_errno(errno, "rewind the archive");
  ArchiveHandle handle(archive_read_new());
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_filter_zstd(handle.get());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_empty(handle.get());
  TarReader reader(std::move(handle), nullptr);
  if (archive_read_open_fd(reader.handle_.get(), file, chunk_bytes) != ARCHIVE_OK) return reader.refuse();
  return reader;
}

Result<TarReader> TarReader::of_source(Source& source) {
  ArchiveHandle handle(archive_read_new());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_empty(handle.get());
  TarReader reader(std::move(handle), std::make_unique<SourceFeed>(source));
  if (archive_read_open(reader.handle_.get(), reader.feed_.get(), nullptr, &SourceFeed::read, nullptr) != ARCHIVE_OK)
    return reader.refuse();
  return reader;
}

Result<std::optional<Entry>> TarReader::next() {
  archive_entry* found = nullptr;
  int const answer = archive_read_next_header(handle_.get(), &found);
  if (answer == ARCHIVE_EOF) {
    if (feed_ && feed_->error) return std::unexpected(*feed_->error);
    return std::nullopt;
  }
  // A warning is a name that is not valid UTF-8, or a header that does not add up: neither is guessed at.
  if (answer != ARCHIVE_OK) return refuse();
  auto const* name = archive_entry_pathname(found);
  if (name == nullptr) name = archive_entry_pathname_utf8(found);
  if (name == nullptr) return corrupt("an entry of the archive has no readable name");
  Entry entry;
  entry.name = name;
  entry.type = archive_entry_filetype(found);
  entry.mode = archive_entry_perm(found);
  entry.uid = archive_entry_uid(found);
  entry.gid = archive_entry_gid(found);
  entry.size_bytes = archive_entry_size(found);
  entry.modified_s = archive_entry_mtime(found);
  if (auto const* target = archive_entry_hardlink(found))
    entry.hardlink = target;
  else if (auto const* link = archive_entry_symlink(found))
    entry.symlink = link;
  return entry;
}

Result<std::optional<Block>> TarReader::block() {
  void const* bytes = nullptr;
  std::size_t count = 0;
  la_int64_t offset = 0;
  int const answer = archive_read_data_block(handle_.get(), &bytes, &count, &offset);
  if (answer == ARCHIVE_EOF) return std::nullopt;
  if (answer != ARCHIVE_OK) return refuse();
  return Block{{static_cast<std::byte const*>(bytes), count}, offset};
}

Result<std::size_t> EntrySource::read(std::span<std::byte> into) {
  while (pending_.bytes.empty()) {
    auto block = TRY(reader_.block());
    if (!block) return std::size_t{0};
    // A blob with holes is no blob that a registry or a builder wrote.
    if (block->offset != position_) return corrupt("a blob of the archive is sparse");
    position_ += static_cast<std::int64_t>(block->bytes.size());
    pending_ = *block;
  }
  auto const count = std::min(into.size(), pending_.bytes.size());
  std::memcpy(into.data(), pending_.bytes.data(), count);
  hash_.add(pending_.bytes.first(count));
  pending_.bytes = pending_.bytes.subspan(count);
  bytes_ += count;
  return count;
}

Result<std::string> EntrySource::finish() {
  std::vector<std::byte> rest(chunk_bytes);
  while (TRY(read(rest)) > 0) {
  }
  return hash_.finish_hex();
}

Decompressed::Decompressed(EntrySource& source, std::uint64_t bytes_max)
    : source_(source),
      bytes_max_(bytes_max),
      feed_(std::make_unique<SourceFeed>(source)),
      handle_(archive_read_new()) {}

std::unexpected<Error> Decompressed::refuse() {
  if (feed_->error) return std::unexpected(*feed_->error);
  return corrupt("a layer does not decompress: " + text_of(archive_error_string(handle_.get())));
}

Result<Decompressed> Decompressed::open(EntrySource& source, std::uint64_t bytes_max) {
  Decompressed stream(source, bytes_max);
  TRY(stream.start());
  return stream;
}

Result<void> Decompressed::start() {
  archive_read_support_filter_gzip(handle_.get());
  archive_read_support_filter_zstd(handle_.get());
  archive_read_support_format_raw(handle_.get());
  archive_read_support_format_empty(handle_.get());
  if (archive_read_open(handle_.get(), feed_.get(), nullptr, &SourceFeed::read, nullptr) != ARCHIVE_OK) return refuse();
  archive_entry* whole = nullptr;
  int const answer = archive_read_next_header(handle_.get(), &whole);
  if (answer == ARCHIVE_EOF) {
    empty_ = true;
    return {};
  }
  if (answer != ARCHIVE_OK) return refuse();
  return {};
}

Result<std::size_t> Decompressed::read(std::span<std::byte> into) {
  if (empty_) return std::size_t{0};
  auto const count = archive_read_data(handle_.get(), into.data(), into.size());
  if (count < 0) return refuse();
  if (feed_->error) return std::unexpected(*feed_->error);
  hash_.add(into.first(static_cast<std::size_t>(count)));
  bytes_ += static_cast<std::uint64_t>(count);
  if (bytes_ > bytes_max_)
    return fail(ErrorCode::too_large, "image-too-large", "the image's layers hold more than allowed");
  if (bytes_ > free_bytes && bytes_ / ratio_max > source_.bytes())
    return fail(ErrorCode::too_large, "image-too-large", "a layer grows absurdly when decompressed");
  return static_cast<std::size_t>(count);
}

Result<std::string> Decompressed::finish() {
  std::vector<std::byte> rest(chunk_bytes);
  while (TRY(read(rest)) > 0) {
  }
  return hash_.finish_hex();
}

}  // namespace berth::sandbox
