// Mounts by the descriptor-based calls (open_tree(2), fsopen(2), mount_setattr(2), move_mount(2)): nothing is visible
// anywhere before attach(), and a mount that was never attached vanishes with its descriptor.
// All calls are thread-safe. Errors: io, exhausted, not_found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::kernel {

// A detached copy of what `path` shows (without what is mounted below it).
Result<Descriptor> clone_mount(std::filesystem::path const& path);
Result<Descriptor> clone_mount(int directory);

enum class Access { read_write, read_only };

// Files of a detached mount appear with the ids that `user_namespace` gives to theirs; setuid bits and device nodes are
// dead.
Result<void> map_mount(int mount, int user_namespace, Access access);

// The ext4 on `device`, detached. A file system that finds itself damaged turns read-only.
Result<Descriptor> mount_ext4(std::string const& device);
// Detached; the three directories must be attached somewhere. Whatever the kernel does in `upper` and `work` on behalf
// of the mount it does as `owner`, which must be an id that their mount maps (overlayfs keeps the credentials of who
// mounted it).
Result<Descriptor> mount_overlay(std::uint32_t owner, std::filesystem::path const& lower,
                                 std::filesystem::path const& upper, std::filesystem::path const& work);

// Shows a detached mount on the directory `at`.
Result<void> attach(int mount, std::filesystem::path const& at);
// Takes away every mount that lies exactly on `at`; their users keep theirs until they end. No mount there: success.
Result<void> detach_all(std::filesystem::path const& at);
bool is_mount_point(std::filesystem::path const& at);

}  // namespace berth::kernel
