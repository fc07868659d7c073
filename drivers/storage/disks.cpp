#include "drivers/storage/disks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "drivers/kernel/loop_device.hpp"
#include "drivers/storage/copies.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"

namespace berth::storage {

Result<void> make_cloned_vm_disk(sandbox::Sandbox const& sandbox, std::filesystem::path const& image,
                                 std::filesystem::path const& disk, std::uint64_t bytes) {
  Descriptor const from(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from.valid()) return fail_errno(errno, "open " + image.string());
  auto const file = TRY(reflink_file(from.get(), disk));
  TRY(sandbox.resize_disk(file.get(), bytes));
  sync(file.get());
  return {};
}

Result<void> make_overlay_vm_disk(std::filesystem::path const& image, std::filesystem::path const& home,
                                  std::filesystem::path const& disk, std::uint64_t bytes) {
  // -u: the image is not opened here. Its format was judged when it was imported, and is written into the overlay.
  TRY(run_checked({"qemu-img", "create", "-q", "-u", "-f", "qcow2", "-o", "compat=1.1", "-F", "qcow2", "-b",
                   image.lexically_relative(home).string(), disk.string(), std::to_string(bytes)}));
  Descriptor const file(::open(disk.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return fail_errno(errno, "open " + disk.string());
  if (::fchmod(file.get(), 0600) != 0) return fail_errno(errno, "set the permissions of " + disk.string());
  sync(file.get());
  return {};
}

Result<void> make_container_disk(std::filesystem::path const& scratch, std::filesystem::path const& disk,
                                 std::uint64_t bytes) {
  for (auto const* name : {"upper", "work"}) TRY(ensure_directory(scratch / name, 0755));
  Descriptor const file(::open(disk.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, "make " + disk.string());
  if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) return fail_errno(errno, "size " + disk.string());
  // A fresh sparse file reads zero: with that said, neither mkfs nor the kernel later writes empty inode tables.
  TRY(run_checked({"mkfs.ext4", "-q", "-F", "-m", "0", "-E", "assume_storage_prezeroed=1,nodiscard,root_owner=0:0",
                   "-d", scratch.string(), disk.string()}));
  sync(file.get());
  return {};
}

bool in_use(std::filesystem::path const& disk) {
  Descriptor const file(::open(disk.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return false;
  struct flock probe{};
  probe.l_type = F_WRLCK;
  probe.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_OFD_GETLK, &probe) == 0 && probe.l_type != F_UNLCK) return true;
  return !kernel::loops_of(disk).empty();
}

}  // namespace berth::storage
