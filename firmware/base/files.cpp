#include "firmware/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth {
namespace {

std::string const unfinished_prefix = ".new-";

Result<void> write_all(int file, std::string_view text, std::string const& what) {
  while (!text.empty()) {
    auto const count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "write " + what);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// errno, or 0.
int sync_error(int file) {
  while (::fsync(file) != 0) {
    if (errno == EINTR) continue;
    return errno == EINVAL || errno == EROFS ? 0 : errno;  // a file system without anything to sync
  }
  return 0;
}

Result<void> replace(std::filesystem::path const& path, std::string_view text, mode_t mode, bool durable) {
  auto const beside = path.parent_path() / (unfinished_prefix + random_token(9));
  Descriptor const file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return fail_errno(errno, "write " + path.string());
  auto written = write_all(file.get(), text, path.string());
  if (written && ::fchmod(file.get(), mode) != 0)
    written = fail_errno(errno, "set the permissions of " + path.string());
  if (written && durable) sync(file.get());
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) written = fail_errno(errno, "replace " + path.string());
  if (!written) {
    ::unlink(beside.c_str());
    return written;
  }
  if (durable) return sync_directory(path.parent_path());
  return {};
}

}  // namespace

Result<std::string> read_file(std::filesystem::path const& path, std::size_t bytes_max) {
  Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "open " + path.string());
  std::string text;
  constexpr std::size_t chunk_bytes = 4096;
  while (true) {
    auto const have = text.size();
    text.resize(have + chunk_bytes);
    auto const count = ::read(file.get(), text.data() + have, chunk_bytes);
    text.resize(have + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "read " + path.string());
    if (count == 0) return text;
    if (text.size() > bytes_max)
      return fail(ErrorCode::too_large, "file-too-large", path.string() + " is larger than it may be");
  }
}

Result<void> replace_file(std::filesystem::path const& path, std::string_view text, mode_t mode) {
  return replace(path, text, mode, true);
}

Result<void> replace_volatile_file(std::filesystem::path const& path, std::string_view text, mode_t mode) {
  return replace(path, text, mode, false);
}

void remove_unfinished_files(std::filesystem::path const& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with(unfinished_prefix)) ::unlink(entry->path().c_str());
}

void sync(int file) {
  if (int const error = sync_error(file); error != 0) {
    log(LogLevel::error, "base", "fsync failed: what the disk holds is unknown, stopping",
        {{"errno", std::to_string(error)}});
    std::abort();
  }
}

Result<void> sync_foreign(int file, std::string const& what) {
  if (int const error = sync_error(file); error != 0)
    return fail_errno(error, "bring to the disk what was written to " + what);
  return {};
}

Result<void> sync_directory(std::filesystem::path const& directory) {
  Descriptor const opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return fail_errno(errno, "open " + directory.string());
  sync(opened.get());
  return {};
}

Result<void> ensure_directory(std::filesystem::path const& directory, mode_t mode) {
  if (::mkdir(directory.c_str(), mode) != 0 && errno != EEXIST) return fail_errno(errno, "make " + directory.string());
  if (::chmod(directory.c_str(), mode) != 0) return fail_errno(errno, "set the permissions of " + directory.string());
  return {};
}

}  // namespace berth
