#include "drivers/container/cgroup.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <thread>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{5};
constexpr std::chrono::milliseconds step{2};
constexpr std::size_t file_bytes_max = 256 * 1024;

fs::path const root = "/sys/fs/cgroup";

std::string text_of(fs::path const& file) {
  return read_file(file, file_bytes_max).value_or("");
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The value after "key " at a line's beginning.
std::uint64_t field(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ')
      return number(line.substr(key.size() + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

Result<void> write(fs::path const& file, std::string_view text) {
  Descriptor const opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!opened.valid()) return fail_errno(errno, "open " + file.string());
  if (::write(opened.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno(errno, "write " + file.string());
  return {};
}

// Where groups of ours may lie: the one hierarchy, or each of version 1's with the unified one beside them.
std::vector<fs::path> hierarchies() {
  if (Cgroup::unified()) return {root};
  std::vector<fs::path> all;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(root, error))
    if (entry.is_directory(error) && !entry.is_symlink(error)) all.push_back(entry.path());
  return all;
}

Result<void> remove_group(fs::path const& group) {
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(group, error))
    if (entry.is_directory(error)) TRY(remove_group(entry.path()));
  auto const until = Steady::now() + patience;
  while (::rmdir(group.c_str()) != 0) {
    if (errno == ENOENT) return {};
    if (errno != EBUSY) return fail_errno(errno, "remove " + group.string());
    if (Steady::now() > until)
      return fail(ErrorCode::timed_out, "cgroup-busy", "The guest's control group does not get empty.");
    std::this_thread::sleep_for(step);
  }
  return {};
}

}  // namespace

Cgroup::Cgroup(std::string name) : name_(std::move(name)) {}

bool Cgroup::unified() {
  struct statfs facts{};
  return ::statfs(root.c_str(), &facts) == 0 && facts.f_type == CGROUP2_SUPER_MAGIC;
}

bool Cgroup::counts_swap() {
  // The unified root group has no memory files: whether there is swap at all decides.
  return unified() ? text_of("/proc/swaps").find('\n') + 1 < text_of("/proc/swaps").size()
                   : ::access((root / "memory/memory.memsw.limit_in_bytes").c_str(), F_OK) == 0;
}

fs::path Cgroup::folder(char const* controller) const {
  return (unified() ? root : root / controller) / "berth" / name_;
}

bool Cgroup::exists() const {
  return ::access(folder("pids").c_str(), F_OK) == 0;
}

CgroupUsage Cgroup::usage() const {
  CgroupUsage usage;
  constexpr std::uint64_t ns_per_us = 1000;
  std::uint64_t charged = 0;
  std::uint64_t droppable = 0;
  if (unified()) {
    usage.cpu_ns = field(text_of(folder("") / "cpu.stat"), "usage_usec") * ns_per_us;
    charged = number(text_of(folder("") / "memory.current"));
    droppable = field(text_of(folder("") / "memory.stat"), "inactive_file");
  } else {
    usage.cpu_ns = number(text_of(folder("cpuacct") / "cpuacct.usage"));
    charged = number(text_of(folder("memory") / "memory.usage_in_bytes"));
    droppable = field(text_of(folder("memory") / "memory.stat"), "total_inactive_file");
  }
  usage.memory_bytes = charged > droppable ? charged - droppable : 0;
  return usage;
}

bool Cgroup::ran_out_of_memory() const {
  if (unified()) return field(text_of(folder("") / "memory.events"), "oom_kill") > 0;
  return field(text_of(folder("memory") / "memory.oom_control"), "oom_kill") > 0;
}

bool Cgroup::frozen() const {
  if (unified()) return field(text_of(folder("") / "cgroup.events"), "frozen") == 1;
  return text_of(folder("freezer") / "freezer.state").starts_with("FROZEN");
}

Result<void> Cgroup::set_frozen(bool wanted) {
  if (unified()) TRY(write(folder("") / "cgroup.freeze", wanted ? "1" : "0"));
  auto const until = Steady::now() + patience;
  while (true) {
    // Version 1 may miss a process that is being born: saying it again catches it (kernel doc
    // cgroup-v1/freezer-subsystem).
    if (!unified()) TRY(write(folder("freezer") / "freezer.state", wanted ? "FROZEN" : "THAWED"));
    if (frozen() == wanted) return {};
    if (Steady::now() > until)
      return fail(ErrorCode::timed_out, "freezer-slow",
                  wanted ? "The guest could not be paused." : "The guest could not be resumed.");
    std::this_thread::sleep_for(step);
  }
}

Result<void> Cgroup::freeze() {
  return set_frozen(true);
}
Result<void> Cgroup::thaw() {
  return set_frozen(false);
}

Result<void> Cgroup::kill() {
  if (!exists()) return {};
  if (unified()) return write(folder("") / "cgroup.kill", "1");
  std::string_view pids;
  auto const listed = text_of(folder("pids") / "cgroup.procs");
  for (pids = listed; !pids.empty();) {
    auto const end = std::min(pids.find('\n'), pids.size());
    if (auto const pid = static_cast<pid_t>(number(pids.substr(0, end))); pid > 1) ::kill(pid, SIGKILL);
    pids.remove_prefix(std::min(end + 1, pids.size()));
  }
  return thaw();  // a frozen process dies only when it moves again
}

Result<void> Cgroup::remove() {
  for (auto const& hierarchy : hierarchies()) {
    TRY(remove_group(hierarchy / "berth" / name_));
    (void)::rmdir((hierarchy / "berth").c_str());  // fails while other guests have theirs
  }
  return {};
}

}  // namespace berth::container
