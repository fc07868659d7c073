#include "firmware/store/ballast.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/log.hpp"

namespace berth::store {
namespace {

// Blocks, not size: a sparse file would hold nothing.
bool holds_it_all(int file) {
  struct stat facts{};
  return ::fstat(file, &facts) == 0 && static_cast<std::uint64_t>(facts.st_blocks) * 512 >= Ballast::bytes;
}

bool plenty_free_at(std::filesystem::path const& folder) {
  struct statvfs facts{};
  return ::statvfs(folder.c_str(), &facts) == 0 &&
         static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize >= Ballast::room_wanted * Ballast::bytes;
}

}  // namespace

Ballast::Ballast(std::filesystem::path const& database) : file_(database.string() + ".reserve") {
  Descriptor const file(::open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  held_ = file.valid() && holds_it_all(file.get());
}

void Ballast::take() {
  if (held_ || !plenty_free_at(file_.parent_path())) return;
  Descriptor const file(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  held_ = file.valid() && ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)) == 0 && holds_it_all(file.get());
  if (!held_) ::unlink(file_.c_str());
}

bool Ballast::give_back() {
  if (!held_) return false;
  held_ = false;
  if (::unlink(file_.c_str()) != 0) return false;
  log(LogLevel::warning, "store", "the disk is full; the room that was kept for this is in use now",
      {{"bytes", std::to_string(bytes)}});
  return true;
}

}  // namespace berth::store
