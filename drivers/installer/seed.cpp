#include "drivers/installer/seed.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>

#include "firmware/base/files.hpp"
#include "firmware/base/units.hpp"

namespace berth::installer {
namespace {

constexpr std::size_t seed_bytes_max = 64 * kib;
constexpr char mount_place[] = "/run/berth-installer/seed";

class Mounted {
 public:
  explicit Mounted(std::string const& device) {
    constexpr unsigned long flags = MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC;
    for (auto const* type : {"vfat", "iso9660"})
      if (!mounted_) mounted_ = ::mount(device.c_str(), mount_place, type, flags, nullptr) == 0;
  }
  Mounted(Mounted const&) = delete;
  Mounted& operator=(Mounted const&) = delete;
  ~Mounted() {
    if (mounted_) ::umount2(mount_place, 0);
  }
  explicit operator bool() const { return mounted_; }

 private:
  bool mounted_ = false;
};

}  // namespace

Result<std::optional<contract::InstallSeed>> seed_from(std::string_view text) {
  auto const document = TRY(parse_json(text));
  auto const* object = document.if_object();
  if (object == nullptr) return fail(ErrorCode::corrupt, "bad-seed", "the seed is not a JSON object");
  auto const* wanted = object->if_contains("install");
  if (wanted == nullptr) return std::nullopt;
  return TRY(from_json<contract::InstallSeed>(*wanted));
}

Result<std::optional<contract::InstallSeed>> read_seed(std::string const& volume) {
  std::error_code error;
  if (!std::filesystem::exists(volume, error)) return std::nullopt;
  std::filesystem::create_directories(mount_place, error);
  // Screen and serial port read it at the same time: each where the other one's mount is not in its way.
  if (::unshare(CLONE_NEWNS) != 0) return fail_errno(errno, "leaving the mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno(errno, "making mounts private");
  Mounted const mounted(volume);
  if (!mounted)
    return fail(ErrorCode::corrupt, "bad-seed", "the volume BERTHSEED cannot be read: it is neither FAT nor ISO 9660");
  return seed_from(TRY(read_file(std::filesystem::path(mount_place) / "berth.json", seed_bytes_max)));
}

}  // namespace berth::installer
