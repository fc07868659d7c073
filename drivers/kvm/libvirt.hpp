// libvirt, called with deadlines.
//
// libvirt has no way to give up a call: against a stopped libvirtd (SIGSTOP), or for a guest whose QEMU hangs, one
// waits for ever, and its keepalive needs an event loop and counts on the daemon's. But a connection is a socket in
// this process, and shutting that down ends the call in it at once. So every call under way has a connection of its own
// (kept for later calls), and a watchdog shuts the socket when the time is over: no call can hold up another.
#pragma once

#include <libvirt/libvirt.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "drivers/kvm/watchdog.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::kvm {

struct CloseConnection {
  void operator()(virConnect* connection) const { virConnectClose(connection); }
};
struct FreeDomain {
  void operator()(virDomain* domain) const { virDomainFree(domain); }
};
using Connection = std::unique_ptr<virConnect, CloseConnection>;
using Domain = std::unique_ptr<virDomain, FreeDomain>;

// This thread's last libvirt error as ours. not_found (no such domain), conflict (its state forbids it), exhausted
// (memory, disk), unavailable (the connection broke), timed_out, else internal. Call it right after the call that
// failed.
std::unexpected<Error> libvirt_error(std::string_view attempt);

// How long a call may take. A patient call goes on up to its limit only while libvirtd answers other calls.
struct Patience {
  std::chrono::milliseconds limit;
  bool patient = false;
};
inline constexpr Patience brief{std::chrono::seconds(6), false};
inline constexpr Patience asking_guest{std::chrono::seconds(20), true};  // its QEMU answers, and might not
inline constexpr Patience patient{std::chrono::seconds(90), true};       // making and ending one

// Thread-safe. The first one makes this process ignore SIGPIPE, which a broken connection would raise.
class Libvirt {
 public:
  // `socket` is libvirtd's, "/run/libvirt/libvirt-sock".
  explicit Libvirt(std::string socket);
  Libvirt(Libvirt const&) = delete;
  Libvirt& operator=(Libvirt const&) = delete;

  // act(virConnectPtr) -> Result<T>, on this thread. `act` must return when a libvirt call in it fails.
  // Errors beside its own: unavailable (no libvirtd, or it hangs), timed_out (this call did not come back in time).
  template <class Act>
  auto call(Patience patience, Act&& act) -> std::invoke_result_t<Act, virConnectPtr> {
    std::optional<std::invoke_result_t<Act, virConnectPtr>> result;
    TRY(run(patience, [&](virConnectPtr connection) -> Result<void> {
      result.emplace(act(connection));
      if (!*result) return std::unexpected(result->error());
      return {};
    }));
    return *std::move(result);
  }

  // A connection and its socket. Closing says good-bye to libvirtd and waits for the answer, so the socket is shut
  // first.
  struct Line {
    Line() = default;
    Line(Line&&) = default;
    Line& operator=(Line&& other) noexcept {
      std::swap(socket, other.socket);
      std::swap(connection, other.connection);
      return *this;
    }
    ~Line();
    Descriptor socket;
    Connection connection;
  };
  using Act = std::function<Result<void>(virConnectPtr)>;
  // As call(), on a connection that goes to the caller afterwards instead of serving later calls: what `act` asked to be
  // told of comes as long as it is kept.
  Result<Line> hold(Patience patience, Act const& act);

 private:
  Result<void> run(Patience patience, Act const& act);
  Result<void> run_on(Line& line, Patience patience, Act const& act, bool& reusable);
  Result<Line> take_line();
  Result<Line> open_line(Watchdog::Instant deadline);
  void keep_line(Line line);
  Result<void> socket_answers() const;
  Result<void> ping();
  void found_hung();

  std::string const socket_;
  Watchdog watchdog_;
  std::timed_mutex opening_;  // one at a time: a new connection's socket is told from the others by when it appeared
  std::mutex mutex_;          // what follows
  std::vector<Line> idle_;
  Watchdog::Instant hung_until_{};
};

}  // namespace berth::kvm
