#include "drivers/sandbox/inside/confine.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <span>

#include "drivers/sandbox/inside/system_calls.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::sandbox {
namespace {

constexpr uid_t nobody = 941;  // berth-sandbox, rootfs/hooks/10-users.sh

struct FreeCapabilities {
  void operator()(_cap_struct* caps) const { cap_free(caps); }
};
using Capabilities = std::unique_ptr<_cap_struct, FreeCapabilities>;

Result<void> bound_capabilities(std::span<cap_value_t const> kept) {
  for (int cap = 0; cap < cap_max_bits(); ++cap)
    if (std::ranges::find(kept, cap) == kept.end() && ::prctl(PR_CAPBSET_DROP, cap) != 0)
      return fail_errno(errno, "bound the capabilities");
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return fail_errno(errno, "clear the ambient capabilities");
  return {};
}

Result<void> keep_capabilities(std::span<cap_value_t const> kept) {
  Capabilities const wish(cap_init());
  if (!wish) return fail_errno(errno, "name capabilities");
  auto const count = static_cast<int>(kept.size());
  if (count > 0 && (cap_set_flag(wish.get(), CAP_PERMITTED, count, kept.data(), CAP_SET) != 0 ||
                    cap_set_flag(wish.get(), CAP_EFFECTIVE, count, kept.data(), CAP_SET) != 0))
    return fail_errno(errno, "name capabilities");
  if (cap_set_proc(wish.get()) != 0) return fail_errno(errno, "drop capabilities");
  return {};
}

Result<void> become(uid_t id) {
  if (::setgroups(0, nullptr) != 0) return fail_errno(errno, "leave all groups");
  if (::setresgid(id, id, id) != 0) return fail_errno(errno, "change the group");
  if (::setresuid(id, id, id) != 0) return fail_errno(errno, "change the user");
  return {};
}

class Landlock {
 public:
  static Result<Landlock> make() {
    auto const version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0) return fail_errno(errno, "ask for Landlock");  // without it nothing untrusted is opened
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    if (version >= 2) rules.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3) rules.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 4) rules.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
    if (version >= 5) rules.handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    if (version >= 6) rules.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
    Descriptor ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0)));
    if (!ruleset.valid()) return fail_errno(errno, "make a Landlock ruleset");
    return Landlock(std::move(ruleset), rules.handled_access_fs);
  }

  Result<void> allow(int beneath, std::uint64_t access) {
    landlock_path_beneath_attr rule{};
    rule.parent_fd = beneath;
    rule.allowed_access = access & handled_;
    if (::syscall(SYS_landlock_add_rule, ruleset_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
      return fail_errno(errno, "add a Landlock rule");
    return {};
  }
  // A path that does not exist needs no rule.
  Result<void> allow(char const* path, std::uint64_t access) {
    Descriptor const at(::open(path, O_PATH | O_CLOEXEC));
    if (!at.valid()) return {};
    struct stat facts{};
    if (::fstat(at.get(), &facts) != 0) return fail_errno(errno, "look at a path");
    if (!S_ISDIR(facts.st_mode))
      access &= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    return allow(at.get(), access);
  }

  Result<void> enforce() {
    if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0) return fail_errno(errno, "enforce Landlock");
    return {};
  }

 private:
  Landlock(Descriptor ruleset, std::uint64_t handled) : ruleset_(std::move(ruleset)), handled_(handled) {}
  Descriptor ruleset_;
  std::uint64_t handled_;
};

Result<void> no_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno(errno, "set no_new_privs");
  return {};
}

}  // namespace

Result<void> enter_user_namespace(int user_namespace) {
  if (::setns(user_namespace, CLONE_NEWUSER) != 0) return fail_errno(errno, "enter the sandbox's user namespace");
  constexpr std::array kept{CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID};
  TRY(bound_capabilities(kept));
  TRY(become(0));
  return keep_capabilities(kept);
}

Result<void> become_nobody() {
  TRY(bound_capabilities({}));
  TRY(become(nobody));
  return keep_capabilities({});
}

Result<void> limit_resources(Limits const& limits) {
  auto lower = [](auto resource, std::uint64_t wished) -> Result<void> {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0) return fail_errno(errno, "read a resource limit");
    auto const value = std::min<rlim_t>(wished, now.rlim_max);  // raising takes a capability that is gone
    rlimit const next{value, value};
    if (::setrlimit(resource, &next) != 0) return fail_errno(errno, "set a resource limit");
    return {};
  };
  TRY(lower(RLIMIT_CPU, limits.cpu_s));
  TRY(lower(RLIMIT_AS, limits.memory_bytes));
  TRY(lower(RLIMIT_FSIZE, limits.file_bytes));
  TRY(lower(RLIMIT_NOFILE, limits.descriptors));
  TRY(lower(RLIMIT_CORE, 0));
  TRY(lower(RLIMIT_MEMLOCK, 0));
  TRY(lower(RLIMIT_MSGQUEUE, 0));
  return {};
}

Result<void> confine_to_tree(int tree) {
  TRY(no_new_privileges());
  auto landlock = TRY(Landlock::make());
  TRY(landlock.allow(tree, LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                               LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                               LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM |
                               LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE));
  TRY(landlock.enforce());
  return confine_system_calls_to_unpacking();
}

Result<void> confine_to_qemu_img(int disk) {
  TRY(no_new_privileges());
  auto landlock = TRY(Landlock::make());
  constexpr std::uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  for (auto const* path : {"/usr", "/lib", "/lib64"}) TRY(landlock.allow(path, read | LANDLOCK_ACCESS_FS_EXECUTE));
  for (auto const* path : {"/etc/ld.so.cache", "/dev/urandom"}) TRY(landlock.allow(path, read));
  TRY(landlock.allow("/dev/null", read | LANDLOCK_ACCESS_FS_WRITE_FILE));
  TRY(landlock.allow(disk, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE));
  TRY(landlock.enforce());
  return confine_system_calls_to_qemu_img();
}

}  // namespace berth::sandbox
