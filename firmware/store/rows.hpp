// Small helpers that the table classes share. Not for use outside this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::store {

inline std::unexpected<Error> no_such(std::string_view noun) {
  return fail(ErrorCode::not_found, "not-found", "There is no such " + std::string(noun) + ".");
}

// A broken UNIQUE rule as the error that its table documents; other errors pass.
inline Error named_conflict(Error error, std::string slug, std::string message) {
  if (error.code == ErrorCode::conflict) {
    error.slug = std::move(slug);
    error.message = std::move(message);
  }
  return error;
}

inline std::string texts_to_json(std::vector<std::string> const& texts) {
  return write_json(texts);
}

// Texts that this folder wrote; anything else reads as nothing.
inline std::vector<std::string> texts_from_json(std::string_view text) {
  std::vector<std::string> out;
  auto const value = parse_json(text);
  if (!value || !value->is_array()) return out;
  for (auto const& item : value->get_array())
    if (auto const* s = item.if_string()) out.emplace_back(std::string_view(*s));
  return out;
}

}  // namespace berth::store
