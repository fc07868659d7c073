// sd-bus handles that close themselves, and one call on the system bus. For the .cpp files of this folder.
#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <memory>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::host::bus {

struct Unref {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Bus = std::unique_ptr<sd_bus, Unref>;
using Message = std::unique_ptr<sd_bus_message, Unref>;

struct Target {
  char const* service;
  char const* path;
  char const* interface;
};

// One connection a call: these calls are rare, and a bus that was restarted is no special case then.
class Call {
 public:
  // Errors: unavailable ("system-bus-down").
  static Result<Call> to(Target const& target, char const* method);

  sd_bus_message* message() { return message_.get(); }
  // What it answers. Errors: unavailable ("system-service-down"), io ("system-service-refused"); what the service said is the context.
  Result<Message> run(std::uint64_t usec_max);

 private:
  Bus bus_;
  Message message_;
  std::string words_;  // for errors: who is asked what
};

}  // namespace berth::host::bus
