// A member of a request that may be absent (leave it), null (take it away) or a value: std::optional<std::optional<T>>.
// Include it beside the struct that has one, in every file that reads the struct.
#pragma once

#include "firmware/base/json.hpp"

namespace berth::detail {

template <class T>
struct Read<std::optional<std::optional<T>>> {
  static void from(json::value const& v, std::optional<std::optional<T>>& out, std::string const& at, Error& e) {
    Read<std::optional<T>>::from(v, out.emplace(), at, e);
  }
  static json::object schema() { return {{"anyOf", json::array{Read<T>::schema(), json::object{{"type", "null"}}}}}; }
};

}  // namespace berth::detail
