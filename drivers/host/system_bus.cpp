#include "drivers/host/system_bus.hpp"

#include <systemd/sd-bus.h>

#include <cerrno>

namespace berth::host {
namespace {

constexpr std::uint64_t call_usec_max = std::uint64_t{20} * 1000 * 1000;

struct Unref {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Bus = std::unique_ptr<sd_bus, Unref>;
using Message = std::unique_ptr<sd_bus_message, Unref>;

struct BusError {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  BusError() = default;
  BusError(BusError const&) = delete;
  BusError& operator=(BusError const&) = delete;
  ~BusError() { sd_bus_error_free(&error); }
};

struct Target {
  char const* service;
  char const* path;
  char const* interface;
};
constexpr Target systemd{"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"};
constexpr Target timedated{"org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"};

// One connection a call: these calls are rare, and a bus that was restarted is no special case then.
template <class... Arguments>
Result<void> call(Target const& target, char const* method, char const* types, Arguments... arguments) {
  sd_bus* raw_bus = nullptr;
  if (int const r = sd_bus_open_system(&raw_bus); r < 0)
    return fail(ErrorCode::unavailable, "system-bus-down", "The machine's message bus does not answer.");
  Bus const bus(raw_bus);
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_call(bus.get(), &raw, target.service, target.path, target.interface, method);
  if (r < 0) return fail_errno(-r, "a message for the bus");
  Message const message(raw);
  if (types != nullptr)
    if (r = sd_bus_message_append(message.get(), types, arguments...); r < 0)
      return fail_errno(-r, "a message for the bus");
  BusError told;
  sd_bus_message* raw_reply = nullptr;
  r = sd_bus_call(bus.get(), message.get(), call_usec_max, &told.error, &raw_reply);
  Message const reply(raw_reply);
  if (r >= 0) return {};
  bool const absent = sd_bus_error_has_name(&told.error, SD_BUS_ERROR_SERVICE_UNKNOWN) != 0 ||
                      sd_bus_error_has_name(&told.error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) != 0 || r == -ETIMEDOUT;
  std::string const words = told.error.message != nullptr ? told.error.message : "no reason given";
  return std::unexpected(
      Error{absent ? ErrorCode::unavailable : ErrorCode::io,
            absent ? "system-service-down" : "system-service-refused",
            absent ? "A service of this machine does not answer." : "A service of this machine refused.",
            {},
            std::string(target.service) + " " + method + ": " + words});
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
