#include "drivers/container/rootfs.hpp"

#include <chrono>
#include <thread>

#include "drivers/kernel/loop_device.hpp"
#include "drivers/kernel/mounts.hpp"
#include "drivers/kernel/user_namespace.hpp"
#include "firmware/base/files.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;

// Where the layers lie while the overlay is put together. overlayfs takes paths, and only of attached mounts (before
// Linux 6.13).
constexpr char lower_name[] = "lower";
constexpr char disk_name[] = "disk";
constexpr char rootfs_name[] = "rootfs";

Result<void> detach_layers(fs::path const& folder) {
  TRY(kernel::detach_all(folder / lower_name));
  return kernel::detach_all(folder / disk_name);
}

Result<void> assemble(RootfsSource const& source, fs::path const& folder) {
  for (auto const* name : {lower_name, disk_name, rootfs_name}) TRY(ensure_directory(folder / name, 0711));
  auto const space = TRY(kernel::make_user_namespace(source.id_base));

  auto const tree = TRY(kernel::clone_mount(source.tree));
  TRY(kernel::map_mount(tree.get(), space.get(), kernel::Access::read_only));
  TRY(kernel::attach(tree.get(), folder / lower_name));

  auto const loop = TRY(kernel::attach_loop(source.disk));
  auto const disk = TRY(kernel::mount_ext4(loop.path));
  TRY(kernel::map_mount(disk.get(), space.get(), kernel::Access::read_write));
  TRY(kernel::attach(disk.get(), folder / disk_name));

  auto const overlay = TRY(kernel::mount_overlay(source.id_base, folder / lower_name, folder / disk_name / "upper",
                                                 folder / disk_name / "work"));
  TRY(kernel::attach(overlay.get(), folder / rootfs_name));
  return detach_layers(folder);  // the overlay holds its own references
}

}  // namespace

Result<void> mount_rootfs(RootfsSource const& source, fs::path const& folder) {
  auto done = assemble(source, folder);
  if (done) return {};
  (void)unmount_rootfs(folder, source.disk);
  return std::unexpected(std::move(done).error().in("mount the guest's root file system"));
}

Result<void> unmount_rootfs(fs::path const& folder, fs::path const& disk) {
  TRY(kernel::detach_all(folder / rootfs_name));
  TRY(detach_layers(folder));
  // The loop device goes when the last mount of it is gone, which the kernel does a moment after the last process.
  constexpr std::chrono::seconds patience{10};
  constexpr std::chrono::milliseconds step{2};
  auto const until = std::chrono::steady_clock::now() + patience;
  while (!kernel::loops_of(disk).empty()) {
    if (std::chrono::steady_clock::now() > until)
      return fail(ErrorCode::timed_out, "disk-busy", "The guest's disk is still in use.");
    std::this_thread::sleep_for(step);
  }
  return {};
}

}  // namespace berth::container
