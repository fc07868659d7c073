// Query parameters described like bodies: a struct of optionals of Number, Text, enums, bool and ids. Unknown and repeated
// parameters are errors that name them ("?limit").
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/json.hpp"

namespace berth::api {

// The handler's parameter that receives the decoded query.
template <class T>
struct Query {
  T value;
  T const* operator->() const { return &value; }
};

namespace detail {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded (WHATWG URL section 5.1). Errors: invalid_argument for bad encoding, more than 16 or
// repeated parameters.
Result<QueryPairs> split_query(std::string_view query);

template <class T>
json::value query_value(std::string const& text) {
  if constexpr (berth::detail::is_optional<T>::value) {
    return query_value<typename T::value_type>(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true" || text == "false") return text == "true";
    return json::string(text);  // refused by the reader, with its message
  } else if constexpr (requires {
                         T::min;
                         T{}.value;
                       }) {
    std::int64_t number = 0;
    auto const end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
    if (error != std::errc{} || at != end || text.empty()) return json::string(text);
    return number;
  } else {
    return json::string(text);
  }
}

}  // namespace detail

template <class T>
Result<Query<T>> read_query(std::string_view text) {
  json::object object;
  for (auto const& [name, value] : TRY(detail::split_query(text))) {
    object[name] = json::string(value);
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      if (name == d.name)
        object[name] = detail::query_value<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>(value);
    });
  }
  auto parsed = from_json<T>(object);
  if (parsed) return Query<T>{*std::move(parsed)};
  auto error = std::move(parsed).error();
  for (auto& field : error.fields) field.pointer = "?" + field.pointer.substr(1);
  error.message = "Some query parameters are not acceptable.";
  return std::unexpected(std::move(error));
}

}  // namespace berth::api
