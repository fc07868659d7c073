// What the machine's own services do for us when asked over D-Bus: systemd, logind and timedated.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::host {

// Thread-safe. Errors of every call: unavailable (no bus, or the service does not answer), io (it refused).
class SystemBus {
 public:
  virtual ~SystemBus() = default;

  // Returns when the job is queued, not when it is done.
  virtual Result<void> start_unit(std::string const& unit) = 0;
  virtual Result<void> stop_unit(std::string const& unit) = 0;
  virtual Result<void> restart_unit(std::string const& unit) = 0;
  virtual Result<void> reload_unit(std::string const& unit) = 0;
  // The machine's restart or end; other jobs do not stop it any more.
  virtual Result<void> start_irreversibly(std::string const& unit) = 0;
  // Ends at once every session that this PAM service opened ("sshd"), with all that runs in it.
  virtual Result<void> end_sessions(std::string const& service) = 0;
  virtual Result<void> set_clock(std::chrono::sys_seconds moment) = 0;
};

std::unique_ptr<SystemBus> system_bus();

}  // namespace berth::host
