// Collects what is wrong with a call's parameters, for the checks of this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "firmware/base/json.hpp"

namespace berth::contract {

// The answer is success when nothing was wrong, else Error{invalid_argument, "invalid-field"} that lists every bad field.
class Problems {
 public:
  void unless(bool good, std::string pointer, std::string_view message) {
    if (!good) berth::detail::add_problem(error_, std::move(pointer), std::string(message));
  }
  Result<void> answer() && {
    if (!error_.fields.empty()) return std::unexpected(std::move(error_));
    return {};
  }

 private:
  Error error_ = berth::detail::new_field_error();
};

}  // namespace berth::contract
