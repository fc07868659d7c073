// Loaded into berth-engine (LD_PRELOAD) by tests/rules/engine_crash_test.cpp: ends it, as kill -9 would, right before the
// N-th act of its own on the machine. N stands in a file that both map (BERTH_MORTAL_ACTS); 0 lets it live.
//
// Acts are calls after which the machine is another: names that change, mounts, links, rules, programs, domains.
#include <dlfcn.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <nftables/libnftables.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace {

std::atomic<int>* acts_left() {
  static auto* const left = []() -> std::atomic<int>* {
    char program[256] = {};
    auto const* path = ::getenv("BERTH_MORTAL_ACTS");
    if (path == nullptr || ::readlink("/proc/self/exe", program, sizeof program - 1) < 0) return nullptr;
    if (!std::string_view(program).ends_with("/berth-engine")) return nullptr;  // what it starts lives on
    int const file = ::open(path, O_RDWR | O_CLOEXEC);
    void* const shared = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) ::abort();
    return static_cast<std::atomic<int>*>(shared);
  }();
  return left;
}

void one_act() {
  auto* const left = acts_left();
  if (left == nullptr || left->load() <= 0) return;
  if (left->fetch_sub(1) == 1) ::raise(SIGKILL);
}

template <class F>
F* real(char const* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN: the signatures are those of the C library
extern "C" {

int rename(char const* from, char const* to) noexcept {
  one_act();
  return real<int(char const*, char const*)>("rename")(from, to);
}
int unlink(char const* path) noexcept {
  one_act();
  return real<int(char const*)>("unlink")(path);
}
int unlinkat(int folder, char const* path, int flags) noexcept {
  one_act();
  return real<int(int, char const*, int)>("unlinkat")(folder, path, flags);
}
int rmdir(char const* path) noexcept {
  one_act();
  return real<int(char const*)>("rmdir")(path);
}
int move_mount(int from, char const* from_path, int to, char const* to_path, unsigned flags) noexcept {
  one_act();
  return real<int(int, char const*, int, char const*, unsigned)>("move_mount")(from, from_path, to, to_path, flags);
}
int umount2(char const* path, int flags) noexcept {
  one_act();
  return real<int(char const*, int)>("umount2")(path, flags);
}
int posix_spawn(pid_t* pid, char const* path, posix_spawn_file_actions_t const* actions, posix_spawnattr_t const* how,
                char* const* argv, char* const* variables) {
  one_act();
  return real<decltype(::posix_spawn)>("posix_spawn")(pid, path, actions, how, argv, variables);
}
int posix_spawnp(pid_t* pid, char const* file, posix_spawn_file_actions_t const* actions, posix_spawnattr_t const* how,
                 char* const* argv, char* const* variables) {
  one_act();
  return real<decltype(::posix_spawnp)>("posix_spawnp")(pid, file, actions, how, argv, variables);
}
int nft_run_cmd_from_buffer(nft_ctx* context, char const* text) {
  if (!std::string_view(text).starts_with(R"({"nftables":[{"list")")) one_act();
  return real<int(nft_ctx*, char const*)>("nft_run_cmd_from_buffer")(context, text);
}
int rtnl_link_add(nl_sock* socket, rtnl_link* link, int flags) {
  one_act();
  return real<decltype(::rtnl_link_add)>("rtnl_link_add")(socket, link, flags);
}
int rtnl_link_change(nl_sock* socket, rtnl_link* link, rtnl_link* changes, int flags) {
  one_act();
  return real<decltype(::rtnl_link_change)>("rtnl_link_change")(socket, link, changes, flags);
}
int rtnl_link_delete(nl_sock* socket, rtnl_link const* link) {
  one_act();
  return real<decltype(::rtnl_link_delete)>("rtnl_link_delete")(socket, link);
}
virDomainPtr virDomainDefineXMLFlags(virConnectPtr connection, char const* xml, unsigned flags) {
  one_act();
  return real<decltype(::virDomainDefineXMLFlags)>("virDomainDefineXMLFlags")(connection, xml, flags);
}
int virDomainCreate(virDomainPtr domain) {
  one_act();
  return real<decltype(::virDomainCreate)>("virDomainCreate")(domain);
}
int virDomainDestroy(virDomainPtr domain) {
  one_act();
  return real<decltype(::virDomainDestroy)>("virDomainDestroy")(domain);
}
int virDomainUndefineFlags(virDomainPtr domain, unsigned flags) {
  one_act();
  return real<decltype(::virDomainUndefineFlags)>("virDomainUndefineFlags")(domain, flags);
}

}  // extern "C"
// NOLINTEND
