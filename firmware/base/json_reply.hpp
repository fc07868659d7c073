// Reading replies of a part that we trust to mean well: described structs with std::string, std::vector and plain
// integers, which from_json() (json.hpp) refuses because nothing bounds them. The caller bounds the whole message.
// A key that is missing or has another type is an error; a key that is not known here is passed over, so that a newer
// part may say more.
#pragma once

#include "firmware/base/json.hpp"

namespace berth {
namespace detail {

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
void read_reply(json::value const& v, T& out, std::string const& at, Error& e) {
  if constexpr (std::is_same_v<T, bool> || DescribedEnum<T>) {
    Read<T>::from(v, out, at, e);
  } else if constexpr (std::is_integral_v<T>) {
    auto number = json::try_value_to<T>(v);
    if (number)
      out = *number;
    else
      add_problem(e, at, "must be a whole number that fits");
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (auto const* s = v.if_string())
      out = std::string(std::string_view(*s));
    else
      add_problem(e, at, "must be a string");
  } else if constexpr (is_optional<T>::value) {
    if (v.is_null()) return out.reset();
    read_reply(v, out.emplace(), at, e);
  } else if constexpr (is_vector<T>::value) {
    auto const* a = v.if_array();
    if (a == nullptr) return add_problem(e, at, "must be a list");
    out.resize(a->size());
    for (std::size_t i = 0; i < a->size(); ++i) read_reply((*a)[i], out[i], at + "/" + std::to_string(i), e);
  } else if constexpr (DescribedStruct<T>) {
    auto const* object = v.if_object();
    if (object == nullptr) return add_problem(e, at, "must be an object");
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(out.*d.pointer)>;
      auto const pointer = at + "/" + d.name;
      if (auto const* found = object->if_contains(d.name))
        read_reply(*found, out.*d.pointer, pointer, e);
      else if constexpr (!is_optional<Member>::value)
        add_problem(e, pointer, "is missing");
    });
  } else {
    Read<T>::from(v, out, at, e);  // bounded by its type
  }
}

}  // namespace detail

// A value -> T, or Error{internal, "malformed-reply"} that lists what does not fit, by JSON pointer.
template <class T>
Result<T> from_reply(json::value const& value) {
  T out{};
  Error error{ErrorCode::internal, "malformed-reply", "A part of Berth answered in a form that is not understood."};
  detail::read_reply(value, out, "", error);
  if (!error.fields.empty()) return std::unexpected(std::move(error));
  return out;
}

}  // namespace berth
