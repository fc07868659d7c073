// crun and conmon: the two programs between the engine and a container's first process.
//
// conmon runs crun, keeps the terminal, waits for the first process and writes its exit status; it lives on when the
// engine restarts. Everything of one guest lies in its folder below runtime/containers: config.json, attach, ctl, pid,
// exit/GUEST.
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

// Thread-safe for different guests.
class Runtime {
 public:
  explicit Runtime(std::filesystem::path runtime) : runtime_(std::move(runtime)) {}

  std::filesystem::path folder(contract::GuestId const& guest) const { return runtime_ / "containers" / guest.str(); }

  // From config.json to a first process that waits for start(). Errors: what crun said (io), timed_out.
  Result<ProcessMark> create(contract::GuestId const& guest) const;
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
