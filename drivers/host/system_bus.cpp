#include "drivers/host/system_bus.hpp"

#include "drivers/host/bus_parts.hpp"

namespace berth::host {
namespace {

constexpr std::uint64_t call_usec_max = std::uint64_t{20} * 1000 * 1000;

using bus::Target;
constexpr Target systemd{"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"};
constexpr Target timedated{"org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"};

template <class... Arguments>
Result<void> call(Target const& target, char const* method, char const* types, Arguments... arguments) {
  auto call = TRY(bus::Call::to(target, method));
  if (int const r = sd_bus_message_append(call.message(), types, arguments...); r < 0)
    return fail_errno(-r, "a message for the bus");
  TRY(call.run(call_usec_max));
  return {};
}

class RealBus final : public SystemBus {
 public:
  Result<void> start_unit(std::string const& unit) override {
    return call(systemd, "StartUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> stop_unit(std::string const& unit) override {
    return call(systemd, "StopUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> restart_unit(std::string const& unit) override {
    return call(systemd, "RestartUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> reload_unit(std::string const& unit) override {
    return call(systemd, "ReloadUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> start_irreversibly(std::string const& unit) override {
    return call(systemd, "StartUnit", "ss", unit.c_str(), "replace-irreversibly");
  }
  Result<void> set_clock(std::chrono::sys_seconds moment) override {
    auto const usec = std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
    // In UTC, absolute, asking nobody.
    return call(timedated, "SetTime", "xbb", static_cast<std::int64_t>(usec), 0, 0);
  }
};

}  // namespace

std::unique_ptr<SystemBus> system_bus() {
  return std::make_unique<RealBus>();
}

}  // namespace berth::host
