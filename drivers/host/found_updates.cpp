#include "drivers/host/found_updates.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <memory>
#include <set>

#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::host {
namespace {

namespace fs = std::filesystem;
using contract::UpdatePlace;

constexpr std::size_t bundles_max = 32;
constexpr std::size_t id_length = 32;
constexpr std::string_view suffix = ".raucb";

// In the order in which they are tried: a stick's usual one first. ext4's journal is not replayed: that would write.
struct FileSystem {
  char const* name;
  char const* options;
};
constexpr FileSystem file_systems[] = {{"vfat", ""}, {"exfat", ""}, {"iso9660", ""}, {"ext4", "noload"}};

class Mounted {
 public:
  static Result<Mounted> on(fs::path const& device, fs::path where) {
    TRY(ensure_directory(where.parent_path(), 0700));
    TRY(ensure_directory(where, 0700));
    for (auto const& kind : file_systems)
      if (::mount(device.c_str(), where.c_str(), kind.name, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  kind.options) == 0)
        return Mounted(std::move(where));
    auto const why = errno;
    ::rmdir(where.c_str());
    return fail_errno(why, "mount " + device.string());
  }
  Mounted(Mounted&& other) noexcept : where_(std::exchange(other.where_, {})) {}
  Mounted& operator=(Mounted&&) = delete;
  ~Mounted() {
    if (where_.empty()) return;
    ::umount2(where_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    ::rmdir(where_.c_str());
  }
  fs::path const& where() const { return where_; }

 private:
  explicit Mounted(fs::path where) : where_(std::move(where)) {}
  fs::path where_;
};

std::string plain_name(std::string_view name) {
  std::string text;
  for (char const c : name.substr(0, 255)) text += c >= ' ' && c <= '~' ? c : '?';
  return text;
}

// False: the visitor has had enough.
bool visit_folder(fs::path const& folder, UpdatePlace place, std::string const& origin, std::size_t& count,
                  std::function<bool(BundleFile&)> const& visit) {
  Descriptor const open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!open_folder.valid()) return true;
  std::vector<std::string> names;
  std::error_code failed;
  for (auto it = fs::directory_iterator(folder, failed); !failed && it != fs::directory_iterator();
       it.increment(failed))
    if (auto name = it->path().filename().string(); name.ends_with(suffix) && name.size() > suffix.size())
      names.push_back(std::move(name));
  std::ranges::sort(names);
  for (auto const& name : names) {
    if (count == bundles_max) return false;
    BundleFile bundle;
    bundle.file.reset(
        ::openat(open_folder.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat facts{};
    if (!bundle.file.valid() || ::fstat(bundle.file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    bundle.place = place;
    bundle.name = plain_name(name);
    bundle.size_bytes = static_cast<std::uint64_t>(facts.st_size);
    // Not its inode: FAT gives out others at every mount.
    bundle.id = sha256_hex(std::format("{}\n{}\n{}\n{}.{}", origin, name, facts.st_size, facts.st_mtim.tv_sec,
                                       facts.st_mtim.tv_nsec))
                    .substr(0, id_length);
    ++count;
    if (!visit(bundle)) return false;
  }
  return true;
}

// The whole disk's name: "sda" of "sda1" and of "sda".
std::string disk_of(fs::path const& entry) {
  std::error_code ignored;
  auto const real = fs::canonical(entry, ignored);
  return (fs::exists(real / "partition", ignored) ? real.parent_path() : real).filename().string();
}

// With what md and device-mapper stand on.
void add_disks_below(fs::path const& block, std::string const& name, std::set<std::string>& disks) {
  auto const disk = disk_of(block / name);
  if (disk.empty() || !disks.insert(disk).second) return;
  std::error_code none;
  for (auto it = fs::directory_iterator(block / disk / "slaves", none); !none && it != fs::directory_iterator();
       it.increment(none))
    add_disks_below(block, it->path().filename().string(), disks);
}

std::set<std::string> system_disks(MachinePaths const& paths) {
  std::set<std::string> disks;
  std::error_code failed;
  for (auto it = fs::directory_iterator(paths.system_devices, failed); !failed && it != fs::directory_iterator();
       it.increment(failed)) {
    std::error_code ignored;
    add_disks_below(paths.block_devices, fs::canonical(it->path(), ignored).filename().string(), disks);
  }
  return disks;
}

bool is_removable(fs::path const& block, std::string const& disk) {
  auto const flag = read_file(block / disk / "removable", 16);
  if (flag && flag->starts_with('1')) return true;
  std::error_code ignored;
  return fs::canonical(block / disk, ignored).string().contains("/usb");
}

}  // namespace

std::vector<std::string> removable_volumes(MachinePaths const& paths) {
  std::vector<std::string> names;
  std::set<std::string> divided;
  auto const ours = system_disks(paths);
  std::error_code failed;
  for (auto it = fs::directory_iterator(paths.block_devices, failed); !failed && it != fs::directory_iterator();
       it.increment(failed)) {
    auto const name = it->path().filename().string();
    auto const disk = disk_of(it->path());
    bool const known = name.starts_with("sd") || name.starts_with("sr") || name.starts_with("mmcblk");
    auto const size = read_file(it->path() / "size", 32);
    if (!known || disk.empty() || ours.contains(disk) || !is_removable(paths.block_devices, disk) || !size ||
        size->starts_with("0\n"))
      continue;
    if (name != disk) divided.insert(disk);
    names.push_back(name);
  }
  std::erase_if(names, [&](auto const& name) { return divided.contains(name); });
  std::ranges::sort(names);
  return names;
}

void for_each_bundle(MachinePaths const& paths, std::function<bool(BundleFile&)> const& visit) {
  std::size_t count = 0;
  if (!visit_folder(paths.update_folder, UpdatePlace::folder, "folder", count, visit)) return;
  for (auto const& name : removable_volumes(paths)) {
    auto const mounted = Mounted::on("/dev/" + name, paths.runtime / "sticks" / name);
    if (!mounted) {
      log(LogLevel::info, "updates", "a removable disk was passed over",
          {{"disk", name}, {"why", describe(mounted.error())}});
      continue;
    }
    if (!visit_folder(mounted->where(), UpdatePlace::usb, name, count, visit)) return;
  }
}

}  // namespace berth::host
