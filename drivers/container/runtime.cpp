#include "drivers/container/runtime.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>
#include <format>

#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};
constexpr std::size_t answer_bytes_max = 64 * 1024;

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

struct Stat {
  char state = 0;
  std::int64_t start_ticks = 0;
};

// Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)); the second one may hold blanks and parentheses.
std::optional<Stat> stat_of(pid_t pid) {
  auto const text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  auto const after = text->rfind(')');
  if (after == std::string::npos || after + 2 >= text->size()) return std::nullopt;
  std::string_view rest = std::string_view(*text).substr(after + 2);
  Stat stat{rest.front(), 0};
  constexpr int fields_between = 19;
  for (int i = 0; i < fields_between; ++i) {
    auto const blank = rest.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(blank + 1);
  }
  auto const ticks = number<std::int64_t>(rest);
  if (!ticks) return std::nullopt;
  stat.start_ticks = *ticks;
  return stat;
}

// conmon's first line on its sync pipe: {"data": PID} or {"data": -1, "message": WHY}.
Result<std::string> read_answer(int pipe) {
  std::string text;
  auto const until = Steady::now() + patience;
  while (!text.contains('\n')) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    pollfd watched{pipe, POLLIN, 0};
    if (left <= 0) return fail(ErrorCode::timed_out, "conmon-silent", "The container's monitor does not answer.");
    if (::poll(&watched, 1, static_cast<int>(left)) <= 0) continue;
    std::array<char, 4096> buffer;
    auto const count = ::read(pipe, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "read the monitor's answer");
    if (count == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > answer_bytes_max)
      return fail(ErrorCode::internal, "conmon-talks", "The container's monitor says too much.");
  }
  return text.substr(0, text.find('\n'));
}

Result<pid_t> understand(std::string const& line) {
  auto const document = parse_json(line);
  auto const* object = document ? document->if_object() : nullptr;
  auto const* data = object == nullptr ? nullptr : object->if_contains("data");
  if (data != nullptr && data->is_int64() && data->as_int64() > 0) return static_cast<pid_t>(data->as_int64());
  std::string why = "The container could not be made";
  if (auto const* message = object == nullptr ? nullptr : object->if_contains("message");
      message != nullptr && message->is_string())
    why += ": " + std::string(message->as_string());
  return fail(ErrorCode::io, "container-not-made", why + ".");
}

// The marked process, or one known by a file that conmon wrote, ends within the time.
void end_process(pid_t pid, std::chrono::milliseconds grace) {
  auto const mark = mark_process(pid);
  if (!mark) return;
  auto const process = open_process(*mark);
  if (!process) return;
  pollfd watched{process->get(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(grace.count())) > 0) return;
  ::syscall(SYS_pidfd_send_signal, process->get(), SIGKILL, nullptr, 0);
  ::poll(&watched, 1, 1000);
}

bool runs_for(pid_t pid, contract::GuestId const& guest, std::string_view program) {
  auto const line = read_file("/proc/" + std::to_string(pid) + "/cmdline", answer_bytes_max);
  if (!line || !line->contains(guest.str())) return false;
  auto const name = std::string_view(*line).substr(0, line->find('\0'));
  return name == program || name.ends_with("/" + std::string(program));
}

}  // namespace

Result<void> take_back_null_device() {
  if (::chown("/dev/null", 0, 0) != 0) return fail_errno(errno, "take back /dev/null");
  return {};
}

Result<ProcessMark> mark_process(pid_t pid) {
  auto const stat = stat_of(pid);
  if (!stat) return fail(ErrorCode::not_found, "process-ended", "The process has ended.");
  ProcessMark mark;
  mark.pid.value = pid;
  mark.start_ticks.value = stat->start_ticks;
  return mark;
}

bool lives(ProcessMark const& mark) {
  auto const stat = stat_of(static_cast<pid_t>(mark.pid.value));
  return stat && stat->start_ticks == mark.start_ticks.value && stat->state != 'Z' && stat->state != 'X';
}

std::optional<Descriptor> open_process(ProcessMark const& mark) {
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(mark.pid.value), 0)));
  // Looked at after opening: the descriptor is of the process that has the number now.
  if (!process.valid() || !lives(mark)) return std::nullopt;
  return process;
}

std::chrono::milliseconds age(ProcessMark const& mark) {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  constexpr std::int64_t ms_per_s = 1000;
  auto const began_ms = mark.start_ticks.value * ms_per_s / ::sysconf(_SC_CLK_TCK);
  return std::chrono::seconds(now.tv_sec) + std::chrono::milliseconds(now.tv_nsec / 1'000'000) -
         std::chrono::milliseconds(began_ms);
}

Result<ProcessMark> Runtime::create(contract::GuestId const& guest, LogFile const& log) const {
  auto const bundle = folder(guest);
  TRY(ensure_directory(crun_root(), 0700));
  TRY(ensure_directory(exit_folder(guest), 0700));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno, "make a pipe");
  Descriptor const answer(ends[0]);
  Descriptor told(ends[1]);
  constexpr int sync_pipe = 3;
  ProgramOptions options;
  options.deadline = patience;
  options.capture = false;
  options.descriptors = {{told.get(), sync_pipe}};
  options.folder = bundle.string();
  options.environment = {"_OCI_SYNCPIPE=" + std::to_string(sync_pipe)};
  auto const ended = run_program({"conmon",
                                  "--api-version",
                                  "1",
                                  "-c",
                                  guest.str(),
                                  "-u",
                                  guest.str(),
                                  "-n",
                                  guest.str(),
                                  "-r",
                                  "/usr/bin/crun",
                                  "--runtime-arg=--root=" + crun_root().string(),
                                  "--runtime-arg=--cgroup-manager=cgroupfs",
                                  "-b",
                                  bundle.string(),
                                  "-p",
                                  (bundle / "pid").string(),
                                  "--conmon-pidfile",
                                  (bundle / "conmon.pid").string(),
                                  "--exit-dir",
                                  exit_folder(guest).string(),
                                  "--full-attach",
                                  "--stdin",
                                  "--leave-stdin-open",
                                  "-l",
                                  "k8s-file:" + log.file.string(),
                                  "--log-size-max",
                                  std::to_string(log.bytes_max),
                                  "--no-sync-log",
                                  "--log-level",
                                  "error",
                                  "-t"},
                                 options);
  told.reset();
  if (!ended) return std::unexpected(ended.error());
  if (ended->exit_code != 0) return fail(ErrorCode::io, "container-not-made", "The container's monitor did not start.");
  auto const said = read_answer(answer.get());
  TRY(take_back_null_device());
  if (!said) return std::unexpected(said.error());
  return mark_process(TRY(understand(*said)));
}

Result<void> Runtime::start(contract::GuestId const& guest) const {
  TRY(run_checked({"crun", "--root=" + crun_root().string(), "--cgroup-manager=cgroupfs", "start", guest.str()}));
  return {};
}

void Runtime::end_unfinished(contract::GuestId const& guest) const {
  // The monitor first: it would start crun again for nobody. crun is also the container's first process at that time.
  for (auto const* program : {"conmon", "crun"}) {
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error))
      if (auto const pid = number<pid_t>(entry->path().filename().string()); pid && runs_for(*pid, guest, program))
        end_process(*pid, std::chrono::milliseconds(0));
  }
}

Result<void> Runtime::destroy(contract::GuestId const& guest) const {
  if (::access((crun_root() / guest.str()).c_str(), F_OK) == 0)
    TRY(run_checked(
        {"crun", "--root=" + crun_root().string(), "--cgroup-manager=cgroupfs", "delete", "--force", guest.str()}));
  constexpr std::chrono::seconds grace{3};
  if (auto const text = read_file(folder(guest) / "conmon.pid", 64))
    if (auto const pid = number<pid_t>(*text); pid && runs_for(*pid, guest, "conmon")) end_process(*pid, grace);
  (void)::rmdir(crun_root().c_str());  // fails while other guests run
  return {};
}

std::optional<std::int32_t> Runtime::exit_code(contract::GuestId const& guest) const {
  auto const text = read_file(exit_folder(guest) / guest.str(), 64);
  return text ? number<std::int32_t>(*text) : std::nullopt;
}

Result<Descriptor> Runtime::connect_terminal(contract::GuestId const& guest) const {
  // By way of a descriptor: a socket's address holds 107 bytes, and the folder may be deep.
  Descriptor const place(::open((folder(guest) / "attach").c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
  if (!place.valid()) return fail_errno(errno, "open the container's terminal");
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail_errno(errno, "make a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const path = std::format("/proc/self/fd/{}", place.get());
  std::ranges::copy(path, address.sun_path);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail_errno(errno, "connect to the container's terminal");
  return socket;
}

Result<void> Runtime::resize_terminal(contract::GuestId const& guest, contract::ConsoleSize const& size) const {
  // conmon src/ctrl.c: "1 ROWS COLUMNS\n" on its control FIFO is a new window size.
  Descriptor const control(::open((folder(guest) / "ctl").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  if (!control.valid()) return fail_errno(errno, "open the container's control pipe");
  auto const line = std::format("1 {} {}\n", size.rows.value, size.columns.value);
  if (::write(control.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fail_errno(errno, "resize the container's terminal");
  return {};
}

}  // namespace berth::container
