// What an intruder tries from inside. Prints "name=errno-name" for each act ("name=ok" when it worked), then
// "probe-done".
//   probe try          tries everything, then waits
//   probe exit N       ends with N
//   probe eat          takes memory until something happens
//   probe ignore       waits and does not hear SIGTERM
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

void report(char const* name, long answer) {
  std::printf("%s=%s\n", name, answer >= 0 ? "ok" : ::strerrorname_np(errno));
}

long write_to(char const* path, char const* text) {
  int const file = ::open(path, O_WRONLY);
  if (file < 0) return -1;
  long const answer = ::write(file, text, std::strlen(text));
  int const error = errno;
  ::close(file);
  errno = error;
  return answer;
}

void print_lines(char const* path, char const* prefix) {
  auto* file = std::fopen(path, "r");
  if (file == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, file) != nullptr)
    if (std::strncmp(line, prefix, std::strlen(prefix)) == 0) std::fputs(line, stdout);
  std::fclose(file);
}

// Before anything is opened here: what was left open for the container.
void tell_inherited() {
  for (int fd = 3; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) continue;
    char link[64] = {};
    char target[256] = {};
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    (void)!::readlink(link, target, sizeof target - 1);
    std::printf("inherited=%s\n", target);
  }
}

void try_everything() {
  tell_inherited();
  char buffer[4096] = {};
  report("mount", ::mount("none", "/mnt", "tmpfs", 0, nullptr));
  report("remount", ::mount(nullptr, "/proc/sys", nullptr, MS_REMOUNT | MS_BIND, nullptr));
  report("umount", ::umount2("/proc", MNT_DETACH));
  report("fsopen", ::syscall(SYS_fsopen, "tmpfs", 0));
  report("open_tree", ::syscall(SYS_open_tree, AT_FDCWD, "/", 1));
  report("pivot_root", ::syscall(SYS_pivot_root, "/", "/"));
  report("unshare_user", ::unshare(CLONE_NEWUSER));
  report("unshare_net", ::unshare(CLONE_NEWNET));
  report("clone_user", ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  report("clone3", ::syscall(SYS_clone3, buffer, 88));
  report("setns", ::setns(::open("/proc/self/ns/net", O_RDONLY), 0));
  report("bpf", ::syscall(SYS_bpf, 0, buffer, 48));
  report("keyctl", ::syscall(SYS_keyctl, 0, -3, 0));
  report("add_key", ::syscall(SYS_add_key, "user", "x", "y", 1, -3));
  report("io_uring", ::syscall(SYS_io_uring_setup, 1, buffer));
  report("perf", ::syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
  report("userfaultfd", ::syscall(SYS_userfaultfd, 0));
  report("handle", ::syscall(SYS_open_by_handle_at, AT_FDCWD, buffer, 0));
  report("module", ::syscall(SYS_init_module, buffer, 1, ""));
  report("reboot", ::syscall(SYS_reboot, 0, 0, 0, nullptr));
  report("swapon", ::syscall(SYS_swapon, "/x", 0));
  report("settime", ::syscall(SYS_clock_settime, 0, buffer));
  report("mknod_block", ::mknod("/tmp-block", S_IFBLK | 0600, makedev(7, 0)));
  report("mknod_null", ::mknod("/tmp-null", S_IFCHR | 0600, makedev(1, 3)));
  report("raw_socket", ::socket(AF_INET, SOCK_RAW, 1));
  report("packet_socket", ::socket(AF_PACKET, SOCK_RAW, 0));
  report("alg_socket", ::socket(AF_ALG, SOCK_SEQPACKET, 0));
  report("vsock_socket", ::socket(AF_VSOCK, SOCK_STREAM, 0));
  report("inet_socket", ::socket(AF_INET, SOCK_STREAM, 0));
  report("proc_sys", write_to("/proc/sys/kernel/panic", "1"));
  report("proc_core", write_to("/proc/sys/kernel/core_pattern", "|/x"));
  report("sysrq", write_to("/proc/sysrq-trigger", "h"));
  report("sys", write_to("/sys/kernel/uevent_helper", "/x"));
  report("kcore", ::open("/proc/kcore", O_RDONLY) >= 0 ? ::read(::open("/proc/kcore", O_RDONLY), buffer, 1) - 1 : -1);
  report("cgroup_1", ::mkdir("/sys/fs/cgroup/pids/mine", 0755));
  report("pids_max_1", write_to("/sys/fs/cgroup/pids/pids.max", "max"));
  report("pids_max_2", write_to("/sys/fs/cgroup/pids.max", "max"));
  // In version 1 the place of the groups is a tmpfs of the guest's own, where a folder means nothing.
  report("cgroup_2", ::access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0 ? ::mkdir("/sys/fs/cgroup/mine", 0755) : -1);
  report("loop", ::open("/dev/loop-control", O_RDWR));
  report("setuid_within", ::syscall(SYS_setresuid, -1, 70000, -1));
  report("write_root", ::open("/mine", O_WRONLY | O_CREAT, 0644));
  char cwd[4096] = {};
  std::printf("cwd=%s\n", ::getcwd(cwd, sizeof cwd) != nullptr ? cwd : ::strerrorname_np(errno));
  std::printf("uid=%d gid=%d\n", static_cast<int>(::getuid()), static_cast<int>(::getgid()));
  for (auto const* prefix : {"NoNewPrivs", "Seccomp:", "CapBnd", "CapEff"}) print_lines("/proc/self/status", prefix);
  print_lines("/proc/self/uid_map", "");
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto const* act = argc > 1 ? argv[1] : "";
  if (std::strcmp(act, "exit") == 0) return argc > 2 ? std::atoi(argv[2]) : 0;
  if (std::strcmp(act, "ignore") == 0) std::signal(SIGTERM, SIG_IGN);
  if (std::strcmp(act, "eat") == 0) {
    constexpr std::size_t piece = 1 << 20;
    while (auto* taken = std::malloc(piece)) std::memset(taken, 1, piece);
  }
  if (std::strcmp(act, "try") == 0) try_everything();
  std::puts("probe-done");
  while (true) ::pause();
}
