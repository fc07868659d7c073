#include "drivers/container/instance.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "drivers/container/rootfs.hpp"
#include "drivers/kernel/mounts.hpp"
#include "firmware/base/files.hpp"

namespace berth::container {

using contract::GuestState;

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr char created_name[] = "created.json";  // the first process exists
constexpr char running_name[] = "running";       // and was let go
constexpr char stopping_name[] = "stopping";     // and was asked to end
constexpr char starved_name[] = "oom";       // conmon's, in its working folder: the kernel killed for want of memory
constexpr char ended_name[] = "ended.json";  // how it ended; alone in the folder then
constexpr std::size_t mark_bytes_max = 4096;

template <class T>
std::optional<T> read_mark(fs::path const& path) {
  auto const text = read_file(path, mark_bytes_max);
  if (!text) return std::nullopt;
  auto mark = read_json<T>(*text);
  return mark ? std::optional(*std::move(mark)) : std::nullopt;
}

std::string reason_of(Ending const& ending) {
  if (ending.wanted) return "";
  if (ending.out_of_memory) return "killed: out of memory";
  if (!ending.exit_code) return "ended while nobody watched";
  auto const code = static_cast<int>(ending.exit_code->value);
  if (code > 128 && code < 128 + SIGRTMAX)
    if (auto const* name = ::sigabbrev_np(code - 128)) return "killed by SIG" + std::string(name);
  return "exited with " + std::to_string(code);
}

GuestState state_of(Ending const& ending) {
  if (ending.wanted || (ending.exit_code && ending.exit_code->value == 0 && !ending.out_of_memory))
    return GuestState::stopped;
  return GuestState::crashed;
}

}  // namespace

Instance::Instance(Runtime const& runtime, contract::GuestId guest) : runtime_(runtime), guest_(std::move(guest)) {}

bool Instance::has(char const* name) const {
  return ::access((folder() / name).c_str(), F_OK) == 0;
}

std::optional<ProcessMark> Instance::process() const {
  auto const mark = read_mark<ProcessMark>(folder() / created_name);
  return mark && container::lives(*mark) ? mark : std::nullopt;
}

bool Instance::needs_release() const {
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder(), error))
    if (entry.path().filename() != ended_name) return !lives();
  return false;
}

contract::GuestStatus Instance::look() const {
  contract::GuestStatus status;
  status.guest = guest_.str();
  status.kind = contract::GuestKind::container;
  if (lives()) {
    auto const group = cgroup();
    auto const usage = group.usage();
    status.cpu_ns = usage.cpu_ns;
    status.memory_bytes = usage.memory_bytes;
    if (!has(running_name))
      status.state = GuestState::starting;
    else if (has(stopping_name))
      status.state = GuestState::stopping;
    else
      status.state = group.frozen() ? GuestState::paused : GuestState::running;
    return status;
  }
  if (::access(folder().c_str(), F_OK) != 0) return status;
  bool const over = has(running_name);
  auto const ending = over ? std::optional(collect_ending()) : read_mark<Ending>(folder() / ended_name);
  status.state = ending ? state_of(*ending) : GuestState::stopped;
  if (ending) status.reason = reason_of(*ending);
  if (ending && ending->exit_code) status.exit_code = static_cast<std::int32_t>(ending->exit_code->value);
  return status;
}

Ending Instance::collect_ending() const {
  Ending ending;
  if (auto const code = runtime_.exit_code(guest_); code && *code >= 0 && *code <= 255)
    ending.exit_code.emplace().value = *code;
  ending.out_of_memory = (cgroup().ran_out_of_memory() || has(starved_name)) && ending.exit_code &&
                         ending.exit_code->value == 128 + SIGKILL;
  ending.wanted = has(stopping_name);
  return ending;
}

Result<void> Instance::prepare_folder() const {
  TRY(ensure_directory(folder().parent_path(), 0711));
  TRY(ensure_directory(folder(), 0711));  // the guest's root passes through on its way to its rootfs
  if (::unlink((folder() / ended_name).c_str()) != 0 && errno != ENOENT)
    return fail_errno(errno, "forget how the guest ended");
  return {};
}

Result<ProcessMark> Instance::create(LogFile const& log) const {
  auto const mark = TRY(runtime_.create(guest_, log));
  TRY(replace_volatile_file(folder() / created_name, write_json(mark), 0600));
  return mark;
}

Result<void> Instance::start() const {
  TRY(runtime_.start(guest_));
  return replace_volatile_file(folder() / running_name, "", 0600);
}

Result<void> Instance::note_stopping() const {
  return replace_volatile_file(folder() / stopping_name, "", 0600);
}
void Instance::forget_stopping() const {
  ::unlink((folder() / stopping_name).c_str());
}

Result<void> Instance::release(std::optional<fs::path> const& disk) const {
  if (::access(folder().c_str(), F_OK) != 0) return {};
  auto group = cgroup();
  bool const ran = has(running_name);
  if (!has(created_name)) runtime_.end_unfinished(guest_);
  TRY(group.kill());
  // conmon writes the exit status a moment after the process has gone.
  constexpr std::chrono::seconds patience{5};
  constexpr std::chrono::milliseconds step{1};
  auto const until = Steady::now() + patience;
  while (ran && (lives() || !runtime_.exit_code(guest_)) && Steady::now() < until) std::this_thread::sleep_for(step);
  if (ran) TRY(replace_volatile_file(folder() / ended_name, write_json(collect_ending()), 0600));
  TRY(runtime_.destroy(guest_));
  TRY(group.remove());
  if (disk)
    TRY(unmount_rootfs(folder(), *disk));
  else
    TRY(kernel::detach_all(folder() / "rootfs"));
  // The marks go last, the first one first: with "running" gone, what is left is only rubbish.
  for (auto const* name : {running_name, stopping_name, created_name}) ::unlink((folder() / name).c_str());
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder(), error))
    if (entry.path().filename() != ended_name) fs::remove_all(entry.path(), error);
  if (error) return fail(ErrorCode::io, "io-error", "clean the guest's runtime folder: " + error.message());
  return {};
}

Result<void> Instance::forget() const {
  std::error_code error;
  fs::remove_all(folder(), error);
  if (error) return fail(ErrorCode::io, "io-error", "remove the guest's runtime folder: " + error.message());
  (void)::rmdir(folder().parent_path().c_str());  // fails while other guests are there
  return {};
}

}  // namespace berth::container
