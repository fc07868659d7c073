#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <format>
#include <memory>

#include "drivers/kvm/seed.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::kvm {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

std::unexpected<Error> archive_failed(archive* writer) {
  if (archive_errno(writer) == ENOSPC || archive_errno(writer) == EDQUOT) return fail_errno(ENOSPC, "write the seed");
  char const* words = archive_error_string(writer);
  return fail(ErrorCode::io, "io-error",
              std::format("the seed could not be written: {}", words == nullptr ? "no reason given" : words));
}

Result<void> add_file(archive* writer, char const* name, std::string_view text) {
  Entry const entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_pathname(entry.get(), name);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0444);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) return archive_failed(writer);
  if (archive_write_data(writer, text.data(), text.size()) != static_cast<la_ssize_t>(text.size()))
    return archive_failed(writer);
  return {};
}

Result<void> write_iso(SeedDocuments const& documents, int fd) {
  Archive const writer(archive_write_new(), &archive_write_free);
  if (archive_write_set_format_iso9660(writer.get()) != ARCHIVE_OK ||
      archive_write_set_options(writer.get(), "volume-id=cidata,joliet=1,rockridge=useful,pad=0") != ARCHIVE_OK ||
      archive_write_open_fd(writer.get(), fd) != ARCHIVE_OK)
    return archive_failed(writer.get());
  TRY(add_file(writer.get(), "meta-data", documents.meta_data));
  TRY(add_file(writer.get(), "user-data", documents.user_data));
  TRY(add_file(writer.get(), "vendor-data", documents.vendor_data));
  TRY(add_file(writer.get(), "network-config", documents.network_config));
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return archive_failed(writer.get());
  return {};
}

}  // namespace

Result<void> write_seed(SeedDocuments const& documents, std::filesystem::path const& file) {
  auto const fresh = std::filesystem::path(file).concat(".new");
  unlink(fresh.c_str());  // half of an earlier one
  Descriptor out(open(fresh.c_str(), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out.valid()) return fail_errno(errno, "make " + fresh.string());
  auto written = write_iso(documents, out.get());
  if (written && fsync(out.get()) != 0) written = fail_errno(errno, "write " + fresh.string());
  if (written && rename(fresh.c_str(), file.c_str()) != 0) written = fail_errno(errno, "rename " + fresh.string());
  if (!written) unlink(fresh.c_str());
  return written;
}

}  // namespace berth::kvm
