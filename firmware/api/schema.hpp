// JSON Schema (2020-12) for OpenAPI 3.1, from the same descriptions that read and write JSON. Named types become
// components, so that a generated client has one type for each of ours.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "firmware/base/json.hpp"

namespace berth::api {

// Collects components. Not thread-safe; used once, when the document is made.
class Schemas {
 public:
  json::object components;

  // The schema of what from_json<T> accepts.
  template <class T>
  json::object read() {
    return of<T>(true);
  }
  // The schema of what to_json<T> writes.
  template <class T>
  json::object write() {
    return of<T>(false);
  }

 private:
  template <class T>
  json::object of(bool reading) {
    using berth::detail::DescribedEnum, berth::detail::DescribedStruct, berth::detail::is_optional;
    if constexpr (is_optional<T>::value) {
      using Inner = typename T::value_type;
      if constexpr (is_optional<Inner>::value)  // nullable.hpp
        return {{"anyOf", json::array{of<typename Inner::value_type>(reading), json::object{{"type", "null"}}}}};
      else
        return of<Inner>(reading);
    } else if constexpr (DescribedEnum<T>) {
      return component(type_name<T>(), [&] { return read_schema<T>(); });
    } else if constexpr (DescribedStruct<T>) {
      return component(type_name<T>(), [&] { return members<T>(reading); });
    } else if constexpr (requires(T t) {
                           t.items;
                           T::max;
                         }) {
      using Item = typename decltype(T::items)::value_type;
      return {{"type", "array"}, {"items", of<Item>(reading)}, {"maxItems", T::max}};
    } else if constexpr (requires {
                           typename T::value_type;
                           requires std::is_same_v<T, std::vector<typename T::value_type>>;
                         }) {
      return {{"type", "array"}, {"items", of<typename T::value_type>(reading)}};
    } else {
      return write_schema<T>();
    }
  }

  template <class T>
  json::object members(bool reading) {
    json::object properties;
    json::array required;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      properties[d.name] = of<Member>(reading);
      if constexpr (!berth::detail::is_optional<Member>::value) required.emplace_back(d.name);
    });
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (reading) schema["additionalProperties"] = false;
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }

  template <class Make>
  json::object component(std::string const& name, Make make) {
    if (!components.contains(name)) {
      components[name] = json::object{};  // ends the recursion of a type that holds itself
      components[name] = make();
    }
    return {{"$ref", "#/components/schemas/" + name}};
  }
};

}  // namespace berth::api
