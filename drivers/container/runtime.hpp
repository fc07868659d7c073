// crun and conmon: the two programs between the engine and a container's first process.
//
// conmon runs crun, keeps the terminal, waits for the first process and writes its exit status; it lives on when the
// engine restarts. Everything of one guest lies in its folder below runtime/containers: config.json, attach, ctl, pid,
// exit/GUEST. The folder is conmon's working directory too: it leaves a file "oom" there when the kernel killed something
// of the guest for want of memory.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "drivers/contract/types.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::container {

// A process that cannot be taken for another one: numbers are used again, start times are not.
struct ProcessMark {
  Number<1, 4'194'304> pid;  // PID_MAX_LIMIT
  contract::Count start_ticks;
};
BOOST_DESCRIBE_STRUCT(ProcessMark, (), (pid, start_ticks))

// Not a zombie, and the one that was marked.
bool lives(ProcessMark const& mark);
Result<ProcessMark> mark_process(pid_t pid);
// A pidfd that is certainly of the marked process; nothing when it has ended.
std::optional<Descriptor> open_process(ProcessMark const& mark);

// How long ago it began.
std::chrono::milliseconds age(ProcessMark const& mark);

// crun before 1.24 gives the standard streams to the container's root even when they are the machine's /dev/null
// (containers/crun issue 1845); a guest that owns it could close it for everybody. Taken back before the guest runs, and
// when the engine starts: the one before may have died in between.
Result<void> take_back_null_device();

// Where conmon keeps what the terminal says, in its k8s-file format, and when it begins an empty file.
struct LogFile {
  std::filesystem::path file;  // exists
  std::size_t bytes_max = 0;
};

// Thread-safe for different guests.
class Runtime {
 public:
  explicit Runtime(std::filesystem::path runtime) : runtime_(std::move(runtime)) {}

  std::filesystem::path folder(contract::GuestId const& guest) const { return runtime_ / "containers" / guest.str(); }
  // Where conmon writes GUEST, its exit status, when it has ended.
  std::filesystem::path exit_folder(contract::GuestId const& guest) const { return folder(guest) / "exit"; }

  // From config.json to a first process that waits for start(). Errors: what crun said (io), timed_out.
  Result<ProcessMark> create(contract::GuestId const& guest, LogFile const& log) const;
  Result<void> start(contract::GuestId const& guest) const;
  // Whatever is left of it, running or not. Absent is fine. Errors: io, timed_out.
  Result<void> destroy(contract::GuestId const& guest) const;

  // What create() had started when the engine died in the midst of it, and nothing tells of any more. Called before
  // destroy().
  void end_unfinished(contract::GuestId const& guest) const;

  // After the first process has ended: its exit status as a shell would say it. Nothing: conmon has not written it
  // (yet).
  std::optional<std::int32_t> exit_code(contract::GuestId const& guest) const;
  // conmon's attach socket, connected. SOCK_SEQPACKET.
  Result<Descriptor> connect_terminal(contract::GuestId const& guest) const;
  Result<void> resize_terminal(contract::GuestId const& guest, contract::ConsoleSize const& size) const;

 private:
  std::filesystem::path crun_root() const { return runtime_ / "crun"; }
  std::filesystem::path runtime_;
};

}  // namespace berth::container
