// One row per varlink method: decode the parameters, check them, call the engine, encode the reply.
#pragma once

#include <span>
#include <string_view>

#include "drivers/contract/engine.hpp"

namespace berth::contract {

struct DispatchReply {
  json::value parameters = json::object{};
  Descriptor descriptor = {};  // passed beside the reply when valid
};

struct DispatchRow {
  char const* method;  // "org.berth.Engine.Host"
  bool acts;           // changes something and may take long: such calls get workers of their own
  bool takes_file;     // exactly one descriptor comes with the call
  // Blocking. `file` is valid when takes_file.
  Result<DispatchReply> (*run)(Engine& engine, json::value const& parameters, Descriptor file);
};

inline constexpr std::size_t dispatch_row_count = 19;
std::span<DispatchRow const, dispatch_row_count> dispatch_rows();

}  // namespace berth::contract
