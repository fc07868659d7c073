// One row per varlink method: decode the parameters, check them, call the engine or the machine, encode the reply.
#pragma once

#include <span>
#include <string_view>

#include "drivers/contract/engine.hpp"
#include "drivers/contract/machine.hpp"

namespace berth::contract {

struct DispatchReply {
  json::value parameters = json::object{};
  Descriptor descriptor = {};  // passed beside the reply when valid
};

// Subject: Engine or Machine.
template <class Subject>
struct DispatchRow {
  char const* method;  // "org.berth.Engine.Host"
  bool acts;           // changes something and may take long: such calls get workers of their own
  bool takes_file;     // exactly one descriptor comes with the call
  // Blocking. `file` is valid when takes_file.
  Result<DispatchReply> (*run)(Subject& subject, json::value const& parameters, Descriptor file);
};

inline constexpr std::size_t engine_row_count = 19;
std::span<DispatchRow<Engine> const, engine_row_count> engine_rows();
inline constexpr std::size_t machine_row_count = 19;
std::span<DispatchRow<Machine> const, machine_row_count> machine_rows();

}  // namespace berth::contract
