#include "drivers/container/oci_spec.hpp"

#include <algorithm>
#include <array>

#include "drivers/container/seccomp_profile.hpp"
#include "drivers/kernel/user_namespace.hpp"
#include "firmware/base/units.hpp"

namespace berth::container {
namespace {

// What root inside may still do, over its own 65536 ids and namespaces only. Not NET_RAW and NET_ADMIN (addresses are
// ours to give), not MKNOD, not SYS_ADMIN, not SYS_PTRACE.
constexpr auto capabilities = std::to_array<std::string_view>(
    {"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
     "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"});

template <class Texts>
json::array list(Texts const& texts) {
  json::array all;
  for (auto const& text : texts) all.emplace_back(std::string_view(text));
  return all;
}

json::object mount(std::string_view at, std::string_view type, std::string_view source,
                   std::initializer_list<std::string_view> options) {
  return {{"destination", at}, {"type", type}, {"source", source}, {"options", list(options)}};
}

json::array mounts(SpecInput const& input) {
  json::array all{
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}),
      // Charged to the guest's memory like the other tmpfs; what programs leave here must not outlive a restart.
      mount("/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755", "size=65536k"})};
  for (auto const* name : {"hosts", "hostname", "resolv.conf"})
    all.push_back(mount(std::string("/etc/") + name, "bind", (input.etc / name).string(),
                        {"bind", "ro", "nosuid", "noexec", "nodev"}));
  return all;
}

bool names(std::vector<std::string> const& environment, std::string_view name) {
  return std::ranges::any_of(environment, [&](auto const& variable) {
    return std::string_view(variable).substr(0, variable.find('=')) == name;
  });
}

json::array environment(SpecInput const& input) {
  auto all = list(input.image.environment);
  auto add = [&](std::string const& name, std::string const& value) {
    if (!names(input.image.environment, name)) all.emplace_back(name + "=" + value);
  };
  add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  add("HOME", input.user.home);
  add("TERM", "xterm-256color");
  add("HOSTNAME", input.guest.hostname.str());
  return all;
}

json::object process(SpecInput const& input) {
  json::array groups;
  for (auto const group : input.user.groups) groups.emplace_back(group);
  auto const caps = list(capabilities);
  auto limit = [](std::string_view type, std::uint64_t soft, std::uint64_t hard) {
    return json::object{{"type", type}, {"soft", soft}, {"hard", hard}};
  };
  constexpr std::uint64_t descriptors_soft = 1024;
  json::object all{
      {"terminal", true},
      {"consoleSize", json::object{{"height", 24}, {"width", 80}}},
      {"user", json::object{{"uid", input.user.uid}, {"gid", input.user.gid}, {"additionalGids", std::move(groups)}}},
      {"args", list(input.image.arguments)},
      {"env", environment(input)},
      {"cwd", input.image.working_directory},
      {"capabilities", json::object{{"bounding", caps}, {"effective", caps}, {"permitted", caps}}},
      {"rlimits",
       json::array{limit("RLIMIT_NOFILE", std::min(descriptors_soft, input.descriptors_max), input.descriptors_max),
                   limit("RLIMIT_CORE", 0, 0)}},
      {"noNewPrivileges", true},
      {"oomScoreAdj", 500}};  // guests go before the panel and the engine (threat 5)
  if (!input.apparmor_profile.empty()) all["apparmorProfile"] = input.apparmor_profile;
  return all;
}

json::object resources(SpecInput const& input) {
  auto const memory = memory_limit_bytes(input.guest.memory_bytes.value);
  json::object limits{{"limit", memory}};
  if (input.swap_counted) limits["swap"] = memory;  // memory and swap together: no swap
  constexpr std::int64_t period_us = 100'000;
  return {{"memory", std::move(limits)},
          {"cpu", json::object{{"quota", input.guest.vcpus.value * period_us}, {"period", period_us}}},
          {"pids", json::object{{"limit", processes_max}}},
          {"devices", json::array{json::object{{"allow", false}, {"access", "rwm"}}}}};
}

json::object linux_part(SpecInput const& input) {
  json::array const mapping{
      json::object{{"containerID", 0}, {"hostID", input.id_base}, {"size", kernel::ids_per_range}}};
  json::array namespaces;
  for (auto const* type : {"pid", "network", "ipc", "uts", "mount", "user", "cgroup"})
    namespaces.push_back(json::object{{"type", type}});
  return {{"namespaces", std::move(namespaces)},
          {"uidMappings", mapping},
          {"gidMappings", mapping},
          // ping without raw sockets: every group of the guest may use ICMP datagram sockets (icmp(7)).
          {"sysctl", json::object{{"net.ipv4.ping_group_range", "0 65535"}}},
          {"cgroupsPath", input.cgroup},
          {"resources", resources(input)},
          {"seccomp", seccomp_profile()},
          {"rootfsPropagation", "private"},
          {"maskedPaths",
           json::array{"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                       "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
                       "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/kernel/debug"}},
          {"readonlyPaths", json::array{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
}

}  // namespace

std::int64_t memory_limit_bytes(std::int64_t memory_bytes) {
  constexpr std::int64_t small = 2 * static_cast<std::int64_t>(gib);
  constexpr std::int64_t middle = 4 * static_cast<std::int64_t>(gib);
  std::int64_t const percent = memory_bytes <= small ? 115 : (memory_bytes <= middle ? 110 : 105);
  constexpr std::int64_t page = 4096;
  return (memory_bytes / 100 * percent + memory_bytes % 100 * percent / 100 + page - 1) / page * page;
}

json::object oci_spec(SpecInput const& input) {
  return {{"ociVersion", "1.0.2"},
          {"process", process(input)},
          {"root", json::object{{"path", input.rootfs.string()}, {"readonly", false}}},
          {"hostname", input.guest.hostname.str()},
          {"mounts", mounts(input)},
          {"linux", linux_part(input)}};
}

std::string hosts_file(contract::GuestSpec const& guest) {
  return "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" + guest.nic.address.str() + "\t" +
         guest.hostname.str() + "\n";
}

std::string resolv_conf(contract::GuestSpec const& guest) {
  std::string text;
  for (auto const& server : guest.nic.dns) text += "nameserver " + server.str() + "\n";
  return text;
}

}  // namespace berth::container
