#include "firmware/api/query.hpp"

#include <algorithm>

#include "firmware/http/message.hpp"

namespace berth::api::detail {
namespace {

std::optional<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return http::percent_decode(spaced);
}

}  // namespace

Result<QueryPairs> split_query(std::string_view query) {
  constexpr std::size_t parameters_max = 16;
  QueryPairs pairs;
  while (!query.empty()) {
    auto const end = query.find('&');
    auto const piece = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (piece.empty()) continue;
    auto const equals = piece.find('=');
    auto name = decode(piece.substr(0, equals));
    auto value = decode(equals == std::string_view::npos ? std::string_view{} : piece.substr(equals + 1));
    if (!name || !value) return fail_field("?", FieldRule::bad_encoding);
    if (pairs.size() == parameters_max) return fail_field("?", {FieldRule::too_many, {.max = parameters_max}});
    for (auto const& pair : pairs)
      if (pair.first == *name) return fail_field("?" + *name, FieldRule::repeated);
    pairs.emplace_back(*std::move(name), *std::move(value));
  }
  return pairs;
}

}  // namespace berth::api::detail
