#include "drivers/storage/copies.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace berth::storage {
namespace {

Result<Descriptor> new_file(std::filesystem::path const& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, "make " + path.string());
  return file;
}

}  // namespace

bool can_reflink(std::filesystem::path const& folder) {
  auto const from_path = folder / "reflink-from";
  auto const to_path = folder / "reflink-to";
  bool able = false;
  if (auto const from = new_file(from_path)) {
    constexpr off_t block_bytes = 4096;
    if (::ftruncate(from->get(), block_bytes) == 0) able = reflink_file(from->get(), to_path).has_value();
  }
  ::unlink(from_path.c_str());
  ::unlink(to_path.c_str());
  return able;
}

Result<Descriptor> reflink_file(int from, std::filesystem::path const& to) {
  auto file = TRY(new_file(to));
  if (::ioctl(file.get(), FICLONE, from) == 0) return file;
  int const error = errno;
  ::unlink(to.c_str());
  if (error == EOPNOTSUPP || error == EXDEV || error == EINVAL || error == ENOTTY)
    return fail(ErrorCode::unsupported, "no-reflink", "the file system does not share blocks between files");
  return fail_errno(error, "clone a file");
}

Result<Descriptor> copy_file(int from, std::filesystem::path const& to) {
  if (auto cloned = reflink_file(from, to); cloned || cloned.error().code != ErrorCode::unsupported) return cloned;
  auto file = TRY(new_file(to));
  struct stat facts{};
  if (::fstat(from, &facts) != 0) return fail_errno(errno, "look at a file");
  off_t at = 0;
  while (at < facts.st_size) {
    auto const count = ::sendfile(file.get(), from, &at, static_cast<std::size_t>(facts.st_size - at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "copy a file");
    if (count == 0) return fail(ErrorCode::corrupt, "file-shrank", "the file became shorter while it was copied");
  }
  return file;
}

}  // namespace berth::storage
