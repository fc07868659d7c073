#include "drivers/sandbox/inside/system_calls.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>

namespace berth::sandbox {
namespace {

struct FreeFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

Result<void> checked(int answer, char const* what) {
  if (answer == 0) return {};
  return fail_errno(-answer, what);
}

// Reading what was handed over, writing below one directory, and memory.
constexpr auto unpacking_calls = std::to_array<int>(
    {SCMP_SYS(read),           SCMP_SYS(readv),         SCMP_SYS(pread64),      SCMP_SYS(lseek),
     SCMP_SYS(write),          SCMP_SYS(writev),        SCMP_SYS(pwrite64),     SCMP_SYS(close),
     SCMP_SYS(fstat),          SCMP_SYS(newfstatat),    SCMP_SYS(statx),        SCMP_SYS(fcntl),
     SCMP_SYS(openat),         SCMP_SYS(openat2),       SCMP_SYS(getdents64),   SCMP_SYS(mkdirat),
     SCMP_SYS(unlinkat),       SCMP_SYS(linkat),        SCMP_SYS(symlinkat),    SCMP_SYS(fchown),
     SCMP_SYS(fchownat),       SCMP_SYS(fchmod),        SCMP_SYS(fchmodat),     SCMP_SYS(fchmodat2),
     SCMP_SYS(utimensat),      SCMP_SYS(ftruncate),     SCMP_SYS(brk),          SCMP_SYS(munmap),
     SCMP_SYS(mremap),         SCMP_SYS(madvise),       SCMP_SYS(futex),        SCMP_SYS(rt_sigreturn),
     SCMP_SYS(rt_sigprocmask), SCMP_SYS(gettid),        SCMP_SYS(getpid),       SCMP_SYS(tgkill),
     SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(exit),
     SCMP_SYS(exit_group)});

// What qemu-img was seen to need for `info` and `resize`.
constexpr auto qemu_img_calls = std::to_array<int>({SCMP_SYS(execve),
                                                    SCMP_SYS(read),
                                                    SCMP_SYS(readv),
                                                    SCMP_SYS(pread64),
                                                    SCMP_SYS(preadv),
                                                    SCMP_SYS(lseek),
                                                    SCMP_SYS(write),
                                                    SCMP_SYS(writev),
                                                    SCMP_SYS(pwrite64),
                                                    SCMP_SYS(pwritev),
                                                    SCMP_SYS(close),
                                                    SCMP_SYS(fstat),
                                                    SCMP_SYS(fstatfs),
                                                    SCMP_SYS(newfstatat),
                                                    SCMP_SYS(statx),
                                                    SCMP_SYS(fcntl),
                                                    SCMP_SYS(openat),
                                                    SCMP_SYS(access),
                                                    SCMP_SYS(faccessat2),
                                                    SCMP_SYS(readlink),
                                                    SCMP_SYS(readlinkat),
                                                    SCMP_SYS(getdents64),
                                                    SCMP_SYS(ftruncate),
                                                    SCMP_SYS(fallocate),
                                                    SCMP_SYS(fsync),
                                                    SCMP_SYS(fdatasync),
                                                    SCMP_SYS(brk),
                                                    SCMP_SYS(mmap),
                                                    SCMP_SYS(mprotect),
                                                    SCMP_SYS(munmap),
                                                    SCMP_SYS(mremap),
                                                    SCMP_SYS(madvise),
                                                    SCMP_SYS(futex),
                                                    SCMP_SYS(set_tid_address),
                                                    SCMP_SYS(set_robust_list),
                                                    SCMP_SYS(rseq),
                                                    SCMP_SYS(arch_prctl),
                                                    SCMP_SYS(prlimit64),
                                                    SCMP_SYS(getrlimit),
                                                    SCMP_SYS(rt_sigaction),
                                                    SCMP_SYS(rt_sigprocmask),
                                                    SCMP_SYS(rt_sigreturn),
                                                    SCMP_SYS(rt_sigtimedwait),
                                                    SCMP_SYS(sigaltstack),
                                                    SCMP_SYS(signalfd4),
                                                    SCMP_SYS(eventfd2),
                                                    SCMP_SYS(poll),
                                                    SCMP_SYS(ppoll),
                                                    SCMP_SYS(epoll_create1),
                                                    SCMP_SYS(epoll_ctl),
                                                    SCMP_SYS(epoll_wait),
                                                    SCMP_SYS(pipe2),
                                                    SCMP_SYS(getpid),
                                                    SCMP_SYS(gettid),
                                                    SCMP_SYS(getuid),
                                                    SCMP_SYS(geteuid),
                                                    SCMP_SYS(getgid),
                                                    SCMP_SYS(getegid),
                                                    SCMP_SYS(uname),
                                                    SCMP_SYS(sysinfo),
                                                    SCMP_SYS(sched_getaffinity),
                                                    SCMP_SYS(sched_yield),
                                                    SCMP_SYS(getcwd),
                                                    SCMP_SYS(getrandom),
                                                    SCMP_SYS(clock_gettime),
                                                    SCMP_SYS(clock_getres),
                                                    SCMP_SYS(clock_nanosleep),
                                                    SCMP_SYS(nanosleep),
                                                    SCMP_SYS(gettimeofday),
                                                    SCMP_SYS(time),
                                                    SCMP_SYS(tgkill),
                                                    SCMP_SYS(exit),
                                                    SCMP_SYS(exit_group),
                                                    SCMP_SYS(restart_syscall)});

Result<void> allow(Filter const& filter, std::span<int const> calls) {
  for (int const call : calls)
    TRY(checked(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0), "allow a system call"));
  return {};
}

}  // namespace

Result<void> confine_system_calls_to_unpacking() {
  Filter const filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return fail(ErrorCode::internal, "no-seccomp", "no system call filter could be made");
  TRY(allow(filter, unpacking_calls));
  // FIFOs only; memory that cannot be executed.
  TRY(checked(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(mknodat), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, 0170000, 0010000)),
              "allow mknodat"));
  for (int const call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    TRY(checked(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)),
                "allow memory"));
  return checked(seccomp_load(filter.get()), "load the system call filter");
}

Result<void> confine_system_calls_to_qemu_img() {
  // What is not named is told "not permitted" rather than killed: QEMU asks for more than it needs.
  Filter const filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return fail(ErrorCode::internal, "no-seccomp", "no system call filter could be made");
  TRY(allow(filter, qemu_img_calls));
  // Threads, but no namespaces. clone3 hides its flags in memory: told that it does not exist, the C library takes
  // clone.
  constexpr auto namespaces = static_cast<scmp_datum_t>(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS |
                                                        CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS);
  TRY(checked(
      seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0)),
      "allow threads"));
  TRY(checked(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "refuse clone3"));
  return checked(seccomp_load(filter.get()), "load the system call filter");
}

}  // namespace berth::sandbox
