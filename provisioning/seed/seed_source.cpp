#include "provisioning/seed/seed_source.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "firmware/base/descriptor.hpp"
#include "provisioning/seed/seed.hpp"

namespace berth::seed {
namespace {

constexpr char file_name[] = "berth.json";

Result<void> mount_volume(std::filesystem::path const& device, std::string const& folder) {
  constexpr unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  int error = 0;
  for (char const* type : {"vfat", "iso9660"}) {
    if (::mount(device.c_str(), folder.c_str(), type, flags, nullptr) == 0) return {};
    error = errno;
  }
  return fail(ErrorCode::corrupt, "seed-volume",
              "The volume BERTHSEED can be mounted neither as FAT nor as ISO 9660: " +
                  std::generic_category().message(error) + ".");
}

Result<std::string> read_from_volume(std::filesystem::path const& device) {
  if (::unshare(CLONE_NEWNS) != 0) return fail_errno(errno, "leaving the mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno(errno, "making mounts private");
  std::string folder = "/run/berth-seed-volume.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return fail_errno(errno, "making a folder for the volume");
  auto const mounted = mount_volume(device, folder);
  auto text = mounted ? read_plain_file(std::filesystem::path(folder) / file_name)
                      : Result<std::string>(std::unexpected(mounted.error()));
  if (mounted) ::umount2(folder.c_str(), MNT_DETACH);
  ::rmdir(folder.c_str());
  if (!text && text.error().code == ErrorCode::not_found)
    return fail(ErrorCode::corrupt, "seed-missing", "The volume BERTHSEED holds no file called berth.json.");
  return text;
}

}  // namespace

Result<std::string> read_plain_file(std::filesystem::path const& path) {
  Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid() && errno == ELOOP) return fail(ErrorCode::corrupt, "seed-link", "The seed must be a plain file.");
  if (!file.valid()) return fail_errno(errno, "opening " + path.string());
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return fail_errno(errno, "looking at " + path.string());
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::corrupt, "seed-file", "The seed must be a plain file.");
  std::string text(seed_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    auto const n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, "reading " + path.string());
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > seed_bytes_max) return fail(ErrorCode::too_large, "seed-too-large", "A seed is at most 64 KiB.");
  text.resize(size);
  return text;
}

Result<std::optional<Found>> find_seed(Sources const& sources) {
  std::error_code ignored;
  if (std::filesystem::exists(sources.volume, ignored))
    return Found{TRY(read_from_volume(sources.volume)), "the volume BERTHSEED"};
  if (!sources.credential.empty() && std::filesystem::exists(sources.credential, ignored))
    return Found{TRY(read_plain_file(sources.credential)), "the firmware (SMBIOS)"};
  return std::nullopt;
}

}  // namespace berth::seed
