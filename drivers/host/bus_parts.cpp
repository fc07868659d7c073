#include "drivers/host/bus_parts.hpp"

#include <cerrno>

namespace berth::host::bus {
namespace {

struct BusError {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  BusError() = default;
  BusError(BusError const&) = delete;
  BusError& operator=(BusError const&) = delete;
  ~BusError() { sd_bus_error_free(&error); }
};

}  // namespace

Result<Call> Call::to(Target const& target, char const* method) {
  Call call;
  sd_bus* raw_bus = nullptr;
  if (int const r = sd_bus_open_system(&raw_bus); r < 0)
    return fail(ErrorCode::unavailable, "system-bus-down", "The machine's message bus does not answer.");
  call.bus_.reset(raw_bus);
  sd_bus_message* raw = nullptr;
  int const r = sd_bus_message_new_method_call(raw_bus, &raw, target.service, target.path, target.interface, method);
  if (r < 0) return fail_errno(-r, "a message for the bus");
  call.message_.reset(raw);
  call.words_ = std::string(target.service) + " " + method;
  return call;
}

Result<Message> Call::run(std::uint64_t usec_max) {
  BusError told;
  sd_bus_message* raw_reply = nullptr;
  int const r = sd_bus_call(bus_.get(), message_.get(), usec_max, &told.error, &raw_reply);
  Message reply(raw_reply);
  if (r >= 0) return reply;
  bool const absent = sd_bus_error_has_name(&told.error, SD_BUS_ERROR_SERVICE_UNKNOWN) != 0 ||
                      sd_bus_error_has_name(&told.error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) != 0 || r == -ETIMEDOUT;
  std::string const said = told.error.message != nullptr ? told.error.message : "no reason given";
  return std::unexpected(
      Error{absent ? ErrorCode::unavailable : ErrorCode::io,
            absent ? "system-service-down" : "system-service-refused",
            absent ? "A service of this machine does not answer." : "A service of this machine refused.",
            {},
            words_ + ": " + said});
}

}  // namespace berth::host::bus
