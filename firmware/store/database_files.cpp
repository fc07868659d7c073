#include "firmware/store/database_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "firmware/base/descriptor.hpp"

namespace berth::store {

namespace fs = std::filesystem;

Result<void> sync_to_disk(fs::path const& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "open " + path.string());
  if (::fsync(file.get()) != 0) die_of_io("fsync " + path.string());
  return {};
}

Result<void> rename_durably(fs::path const& from, fs::path const& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno(errno, "rename " + from.string());
  return sync_to_disk(to.parent_path().empty() ? "." : to.parent_path());
}

Result<void> copy_durably(Connection& from, fs::path const& to) {
  auto const temporary = fs::path(to.string() + "-new");
  std::error_code ignored;
  fs::remove(temporary, ignored);
  {
    Descriptor made(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made.valid()) return fail_errno(errno, "make " + temporary.string());
  }
  TRY(from.back_up(temporary));
  TRY(sync_to_disk(temporary));
  return rename_durably(temporary, to);
}

}  // namespace berth::store
