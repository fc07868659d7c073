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
  // A rule that the panel has words for in every language; over the engine's socket only its English sentence travels.
  void unless(bool good, std::string pointer, FieldRule rule) {
    if (!good) berth::detail::add_problem(error_, std::move(pointer), rule);
  }
  Result<void> answer() && {
    if (!error_.fields.empty()) return std::unexpected(std::move(error_));
    return {};
  }

 private:
  Error error_ = berth::detail::new_field_error();
};

}  // namespace berth::contract
