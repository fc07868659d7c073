#include "drivers/kernel/mounts.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>
#include <utility>

namespace berth::kernel {
namespace {

// A file system being configured. The kernel tells why a step failed through the same descriptor.
class FileSystem {
 public:
  static Result<FileSystem> open(char const* type) {
    Descriptor context(::fsopen(type, FSOPEN_CLOEXEC));
    if (!context.valid()) return fail_errno(errno, std::string("open the file system ") + type);
    return FileSystem(std::move(context), type);
  }
  Result<void> set(char const* key, std::string const& value) { return step(FSCONFIG_SET_STRING, key, value.c_str()); }
  Result<void> flag(char const* key) { return step(FSCONFIG_SET_FLAG, key, nullptr); }
  Result<Descriptor> mount(unsigned attributes) {
    TRY(step(FSCONFIG_CMD_CREATE, nullptr, nullptr));
    Descriptor made(::fsmount(context_.get(), FSMOUNT_CLOEXEC, attributes));
    if (!made.valid()) return refuse(errno, "mount");
    return made;
  }

 private:
  FileSystem(Descriptor context, std::string type) : context_(std::move(context)), type_(std::move(type)) {}
  Result<void> step(unsigned command, char const* key, char const* value) {
    if (::fsconfig(context_.get(), command, key, value, 0) == 0) return {};
    return refuse(errno, key == nullptr ? "create" : key);
  }
  std::unexpected<Error> refuse(int error, std::string_view what) {
    std::string text = type_ + " " + std::string(what);
    std::array<char, 512> words{};
    if (auto const count = ::read(context_.get(), words.data(), words.size()); count > 2)
      text += " (" + std::string(words.data() + 2, static_cast<std::size_t>(count) - 2) + ")";
    return fail_errno(error, text);
  }

  Descriptor context_;
  std::string type_;
};

// From now on this thread makes files as `owner`, and keeps every capability it has: a changed file system user loses
// the ones about files (capabilities(7), "Effect of user ID changes").
Result<void> act_as(std::uint32_t owner) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> caps{};
  if (::syscall(SYS_capget, &header, caps.data()) != 0) return fail_errno(errno, "read this thread's capabilities");
  ::syscall(SYS_setfsgid, owner);
  ::syscall(SYS_setfsuid, owner);
  if (::syscall(SYS_setfsuid, owner) != static_cast<long>(owner))
    return fail(ErrorCode::io, "owner-not-taken", "The owner of a mount could not be taken on.");
  if (::syscall(SYS_capset, &header, caps.data()) != 0) return fail_errno(errno, "keep this thread's capabilities");
  return {};
}

Result<Descriptor> make_overlay(std::filesystem::path const& lower, std::filesystem::path const& upper,
                                std::filesystem::path const& work) {
  auto system = TRY(FileSystem::open("overlay"));
  TRY(system.set("source", "berth"));
  // lowerdir parses ':' and '\' inside a path; callers' paths hold neither (engine state directory, UUIDs, image
  // names).
  TRY(system.set("lowerdir", lower.string()));
  TRY(system.set("upperdir", upper.string()));
  TRY(system.set("workdir", work.string()));
  // Redirects and metadata-only copies would let the upper layer name files of the lower one; a guest's disk may come
  // from elsewhere one day, so neither is followed.
  TRY(system.set("redirect_dir", "nofollow"));
  TRY(system.set("metacopy", "off"));
  TRY(system.set("index", "off"));
  return system.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

}  // namespace

Result<Descriptor> clone_mount(std::filesystem::path const& path) {
  Descriptor tree(::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW));
  if (!tree.valid()) return fail_errno(errno, "clone the mount of " + path.string());
  return tree;
}

Result<Descriptor> clone_mount(int directory) {
  Descriptor tree(::open_tree(directory, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  if (!tree.valid()) return fail_errno(errno, "clone a mount");
  return tree;
}

Result<void> map_mount(int mount, int user_namespace, Access access) {
  struct mount_attr wish{};
  wish.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (access == Access::read_only) wish.attr_set |= MOUNT_ATTR_RDONLY;
  wish.userns_fd = static_cast<std::uint64_t>(user_namespace);
  if (::mount_setattr(mount, "", AT_EMPTY_PATH, &wish, sizeof wish) != 0)
    return fail_errno(errno, "map the ids of a mount");
  return {};
}

Result<Descriptor> mount_ext4(std::string const& device) {
  auto system = TRY(FileSystem::open("ext4"));
  TRY(system.set("source", device));
  TRY(system.set("errors", "remount-ro"));
  TRY(system.flag("nodiscard"));
  return system.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
}

Result<Descriptor> mount_overlay(std::uint32_t owner, std::filesystem::path const& lower,
                                 std::filesystem::path const& upper, std::filesystem::path const& work) {
  auto made = Result<Descriptor>(std::unexpect, Error{});
  // Credentials belong to threads: this one's end with it, whatever happens.
  std::thread([&] {
    auto const changed = act_as(owner);
    if (changed)
      made = make_overlay(lower, upper, work);
    else
      made = std::unexpected(changed.error());
  }).join();
  return made;
}

Result<void> attach(int mount, std::filesystem::path const& at) {
  if (::move_mount(mount, "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return fail_errno(errno, "mount on " + at.string());
  return {};
}

Result<void> detach_all(std::filesystem::path const& at) {
  while (::umount2(at.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  if (errno == EINVAL || errno == ENOENT) return {};
  return fail_errno(errno, "unmount " + at.string());
}

bool is_mount_point(std::filesystem::path const& at) {
  struct statx facts{};
  return ::statx(AT_FDCWD, at.c_str(), AT_SYMLINK_NOFOLLOW, 0, &facts) == 0 &&
         (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace berth::kernel
