#include "drivers/host/host_facts.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <thread>

namespace berth::host {
namespace {

// "MemTotal:  24575992 kB" and its neighbours, in bytes (proc_meminfo(5)).
Result<std::map<std::string, std::uint64_t>> memory_figures() {
  std::ifstream in("/proc/meminfo");
  std::map<std::string, std::uint64_t> figures;
  std::string name;
  std::string rest;
  std::uint64_t kibibytes = 0;
  while (in >> name >> kibibytes && std::getline(in, rest))
    if (name.ends_with(':')) figures[name.substr(0, name.size() - 1)] = kibibytes * kib;
  if (!figures.contains("MemTotal"))
    return fail(ErrorCode::io, "io-error", "/proc/meminfo does not tell the memory's size");
  return figures;
}

std::uint32_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return static_cast<std::uint32_t>(CPU_COUNT(&set));
  return std::max(1U, std::thread::hardware_concurrency());
}

// A file without a name that goes with its descriptor.
Result<Descriptor> nameless_file(std::filesystem::path const& folder) {
  Descriptor file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno(errno, "make a file in " + folder.string());
  return file;
}

}  // namespace

Result<bool> reflink_works(std::filesystem::path const& folder) {
  auto source = TRY(nameless_file(folder));
  auto target = TRY(nameless_file(folder));
  std::array<char, 65536> block{};
  block.fill('b');
  if (pwrite(source.get(), block.data(), block.size(), 0) != static_cast<ssize_t>(block.size()))
    return fail_errno(errno, "write a file in " + folder.string());
  return ioctl(target.get(), FICLONE, source.get()) == 0;
}

Result<contract::HostFacts> read_host_facts(contract::Directories const& directories,
                                            AcceleratorVerdict const& verdict) {
  contract::HostFacts facts;
  utsname names{};
  if (uname(&names) != 0) return fail_errno(errno, "uname");
  facts.hostname = names.nodename;
  facts.kernel = std::string(names.sysname) + " " + names.release;
  facts.cpus = usable_cpus();
  auto const memory = TRY(memory_figures());
  facts.memory_bytes = memory.at("MemTotal");
  if (auto found = memory.find("MemAvailable"); found != memory.end()) facts.memory_free_bytes = found->second;
  struct statvfs storage{};
  if (statvfs(directories.state.c_str(), &storage) != 0)
    return fail_errno(errno, "statvfs " + directories.state.string());
  facts.storage_bytes = std::uint64_t{storage.f_blocks} * storage.f_frsize;
  facts.storage_free_bytes = std::uint64_t{storage.f_bavail} * storage.f_frsize;
  facts.accelerator = verdict.accelerator;
  facts.accelerator_reason = verdict.reason;
  facts.reflink = TRY(reflink_works(directories.state));
  return facts;
}

}  // namespace berth::host
