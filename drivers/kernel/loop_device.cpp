#include "drivers/kernel/loop_device.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace berth::kernel {

Result<LoopDevice> attach_loop(std::filesystem::path const& file) {
  Descriptor const backing(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!backing.valid()) return fail_errno(errno, "open " + file.string());
  Descriptor const control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control.valid()) return fail_errno(errno, "open /dev/loop-control");
  constexpr int attempts = 64;  // another process may take the free device first
  for (int attempt = 0; attempt < attempts; ++attempt) {
    int const number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return fail_errno(errno, "find a free loop device");
    LoopDevice loop;
    loop.path = "/dev/loop" + std::to_string(number);
    loop.device.reset(::open(loop.path.c_str(), O_RDWR | O_CLOEXEC));
    if (!loop.device.valid()) return fail_errno(errno, "open " + loop.path);
    loop_config config{};
    config.fd = static_cast<unsigned>(backing.get());
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (::ioctl(loop.device.get(), LOOP_CONFIGURE, &config) == 0) return loop;
    if (errno != EBUSY) return fail_errno(errno, "attach " + loop.path);
  }
  return fail(ErrorCode::exhausted, "no-loop-device", "no loop device stayed free long enough");
}

std::vector<std::string> loops_of(std::filesystem::path const& file) {
  // Compared by inode, not by name: the kernel prints the path as it was seen in another mount namespace.
  struct stat wanted{};
  if (::stat(file.c_str(), &wanted) != 0) return {};
  std::vector<std::string> found;
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator("/sys/block", ignored)) {
    auto const name = entry.path().filename().string();
    if (!name.starts_with("loop") || !std::filesystem::exists(entry.path() / "loop", ignored)) continue;
    Descriptor const device(::open(("/dev/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    loop_info64 info{};
    if (!device.valid() || ::ioctl(device.get(), LOOP_GET_STATUS64, &info) != 0) continue;
    if (info.lo_inode == wanted.st_ino && info.lo_device == wanted.st_dev) found.push_back("/dev/" + name);
  }
  return found;
}

}  // namespace berth::kernel
