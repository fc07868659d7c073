// JSON in and out of described structs (BOOST_DESCRIBE_STRUCT). One description serves parsing, its limits and messages,
// writing, and the JSON Schema (2020-12) that OpenAPI 3.1 carries.
//
// What may be read is bounded by its type: Text<Min, Max>, Number<Min, Max>, List<T, Max>, described enums, ids, optionals
// and structs of those. Reading a std::string or a std::vector does not compile. Unknown and duplicate keys are errors.
#pragma once

#include <boost/core/type_name.hpp>
#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/base/text.hpp"
#include "firmware/base/units.hpp"

namespace berth {

namespace json = boost::json;

// A whole number within bounds. Bounds stay within +-(2^53 - 1), which every JSON reader keeps exact (RFC 8259 section 6).
template <std::int64_t Min, std::int64_t Max>
struct Number {
  static_assert(Min <= Max && Min >= -((1LL << 53) - 1) && Max <= (1LL << 53) - 1);
  static constexpr std::int64_t min = Min;
  static constexpr std::int64_t max = Max;
  std::int64_t value = Min > 0 ? Min : (Max < 0 ? Max : 0);
  operator std::int64_t() const { return value; }
};

// A list of at most Max entries.
template <class T, std::size_t Max>
struct List {
  static constexpr std::size_t max = Max;
  std::vector<T> items;
  auto begin() const { return items.begin(); }
  auto end() const { return items.end(); }
  std::size_t size() const { return items.size(); }
  bool empty() const { return items.empty(); }
};

// Text -> value. Refuses depth over 32, duplicate keys, trailing bytes and invalid UTF-8. The caller bounds the size.
Result<json::value> parse_json(std::string_view text);

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value && std::is_class_v<T>;
template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value && std::is_enum_v<T>;

void add_problem(Error& error, std::string pointer, Complaint what);
void add_problem(Error& error, std::string pointer, std::string words);  // of an inner part
// What a field's own parser said.
void add_problem(Error& error, std::string pointer, Error&& parsing);
std::string escape_pointer(std::string_view key);
Error new_field_error();

template <class T>
struct
    Read;  // static void from(json::value const&, T&, std::string const& pointer, Error&); static json::object schema();

template <>
struct Read<bool> {
  static void from(json::value const& v, bool& out, std::string const& at, Error& e) {
    if (auto const* b = v.if_bool())
      out = *b;
    else
      add_problem(e, at, FieldRule::not_boolean);
  }
  static json::object schema() { return {{"type", "boolean"}}; }
};

template <std::int64_t Min, std::int64_t Max>
struct Read<Number<Min, Max>> {
  static void from(json::value const& v, Number<Min, Max>& out, std::string const& at, Error& e) {
    std::int64_t n = 0;
    if (auto const* i = v.if_int64()) {
      n = *i;
    } else if (v.if_uint64() != nullptr) {
      n = std::numeric_limits<std::int64_t>::max();  // above 2^63: outside every bound
    } else {
      return add_problem(e, at, FieldRule::not_integer);
    }
    if (n < Min || n > Max) return add_problem(e, at, {FieldRule::out_of_range, {.min = Min, .max = Max}});
    out.value = n;
  }
  static json::object schema() { return {{"type", "integer"}, {"minimum", Min}, {"maximum", Max}}; }
};

template <std::size_t Min, std::size_t Max, TextRule Rule>
struct Read<Text<Min, Max, Rule>> {
  static void from(json::value const& v, Text<Min, Max, Rule>& out, std::string const& at, Error& e) {
    auto const* s = v.if_string();
    if (s == nullptr) return add_problem(e, at, FieldRule::not_text);
    auto parsed = Text<Min, Max, Rule>::parse(std::string_view(*s));
    if (parsed)
      out = *std::move(parsed);
    else
      add_problem(e, at, std::move(parsed).error());
  }
  static json::object schema() {
    json::object o{{"type", "string"}, {"minLength", Min}, {"maxLength", Max}};
    if (Rule == TextRule::secret) o["format"] = "password", o["writeOnly"] = true;
    return o;
  }
};

template <class Tag>
struct Read<Id<Tag>> {
  static void from(json::value const& v, Id<Tag>& out, std::string const& at, Error& e) {
    auto const* s = v.if_string();
    if (s == nullptr) return add_problem(e, at, FieldRule::not_text);
    auto parsed = Id<Tag>::parse(std::string_view(*s));
    if (parsed)
      out = *std::move(parsed);
    else
      add_problem(e, at, std::move(parsed).error());
  }
  static json::object schema() {
    return {{"type", "string"}, {"pattern", "^" + std::string(Tag::prefix) + "_[0-9a-f]{32}$"}};
  }
};

template <DescribedEnum T>
json::array enum_names() {
  json::array names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.emplace_back(d.name); });
  return names;
}

template <DescribedEnum T>
struct Read<T> {
  static void from(json::value const& v, T& out, std::string const& at, Error& e) {
    auto const* s = v.if_string();
    if (s != nullptr && s->find('\0') == json::string::npos && boost::describe::enum_from_string(s->c_str(), out))
      return;
    std::vector<std::string> allowed;
    for (auto const& name : enum_names<T>()) allowed.emplace_back(std::string_view(name.as_string()));
    add_problem(e, at, {FieldRule::not_one_of, {.allowed = std::move(allowed)}});
  }
  static json::object schema() { return {{"type", "string"}, {"enum", enum_names<T>()}}; }
};

template <class T, std::size_t Max>
struct Read<List<T, Max>> {
  static void from(json::value const& v, List<T, Max>& out, std::string const& at, Error& e) {
    auto const* a = v.if_array();
    if (a == nullptr) return add_problem(e, at, FieldRule::not_list);
    if (a->size() > Max) return add_problem(e, at, {FieldRule::too_many, {.max = Max}});
    out.items.resize(a->size());
    for (std::size_t i = 0; i < a->size(); ++i) Read<T>::from((*a)[i], out.items[i], at + "/" + std::to_string(i), e);
  }
  static json::object schema() { return {{"type", "array"}, {"items", Read<T>::schema()}, {"maxItems", Max}}; }
};

template <class T>
struct Read<std::optional<T>> {
  static void from(json::value const& v, std::optional<T>& out, std::string const& at, Error& e) {
    if (v.is_null()) return out.reset();
    Read<T>::from(v, out.emplace(), at, e);
  }
  static json::object schema() { return Read<T>::schema(); }
};

template <DescribedStruct T>
struct Read<T> {
  using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;

  static void from(json::value const& v, T& out, std::string const& at, Error& e) {
    auto const* object = v.if_object();
    if (object == nullptr) return add_problem(e, at, FieldRule::not_object);
    std::size_t known = 0;
    boost::mp11::mp_for_each<Members>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(out.*d.pointer)>;
      auto const pointer = at + "/" + escape_pointer(d.name);
      if (auto const* found = object->if_contains(d.name)) {
        ++known;
        Read<Member>::from(*found, out.*d.pointer, pointer, e);
      } else if constexpr (!is_optional<Member>::value) {
        add_problem(e, pointer, FieldRule::required);
      }
    });
    if (known == object->size()) return;
    for (auto const& [key, unused] : *object) {
      bool member = false;
      boost::mp11::mp_for_each<Members>([&](auto d) { member = member || key == d.name; });
      if (!member) add_problem(e, at + "/" + escape_pointer(key), FieldRule::unknown_field);
    }
  }

  static json::object schema() {
    json::object properties;
    json::array required;
    boost::mp11::mp_for_each<Members>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      properties[d.name] = Read<Member>::schema();
      if constexpr (!is_optional<Member>::value) required.emplace_back(d.name);
    });
    json::object o{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) o["required"] = std::move(required);
    return o;
  }
};

}  // namespace detail

// A value -> T, or Error{invalid_argument, "invalid-field"} that lists every bad field with its JSON pointer.
template <class T>
Result<T> from_json(json::value const& value) {
  T out{};
  auto error = detail::new_field_error();
  detail::Read<T>::from(value, out, "", error);
  if (!error.fields.empty()) return std::unexpected(std::move(error));
  return out;
}

template <class T>
Result<T> read_json(std::string_view text) {
  return from_json<T>(TRY(parse_json(text)));
}

// T -> value. Additionally takes std::string, std::vector, plain integers, doubles, Moment (RFC 3339) and Bytes (a number).
template <class T>
json::value to_json(T const& v) {
  using namespace detail;
  if constexpr (std::is_same_v<T, json::value> || std::is_same_v<T, json::object> || std::is_same_v<T, json::array>) {
    return v;
  } else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T> || std::is_integral_v<T>) {
    return v;
  } else if constexpr (DescribedEnum<T>) {
    return json::string(boost::describe::enum_to_string(v, ""));
  } else if constexpr (std::is_same_v<T, Moment>) {
    return json::string(rfc3339(v));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return v.count;
  } else if constexpr (std::is_convertible_v<T const&, std::string_view>) {
    return json::string(std::string_view(v));
  } else if constexpr (requires { v.str(); }) {
    return json::string(v.str());
  } else if constexpr (requires {
                         v.value;
                         T::min;
                       }) {
    return v.value;
  } else if constexpr (is_optional<T>::value) {
    return v ? to_json(*v) : json::value(nullptr);
  } else if constexpr (DescribedStruct<T>) {
    json::object object;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      if constexpr (is_optional<std::remove_cvref_t<decltype(v.*d.pointer)>>::value) {
        if (v.*d.pointer) object[d.name] = to_json(v.*d.pointer);  // absent, not null
      } else {
        object[d.name] = to_json(v.*d.pointer);
      }
    });
    return object;
  } else {
    json::array array;
    for (auto const& item : v) array.push_back(to_json(item));
    return array;
  }
}

namespace detail {
void append_string(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t number);
void append_integer(std::string& out, std::uint64_t number);
}  // namespace detail

// The same text as json::serialize(to_json(v)), put behind `out` without building the value: lists are the panel's daily bread.
template <class T>
void append_json(std::string& out, T const& v) {
  using namespace detail;
  if constexpr (std::is_same_v<T, bool>) {
    out += v ? "true" : "false";
  } else if constexpr (std::is_same_v<T, Bytes>) {
    append_integer(out, v.count);
  } else if constexpr (std::is_unsigned_v<T>) {
    append_integer(out, std::uint64_t{v});
  } else if constexpr (std::is_integral_v<T>) {
    append_integer(out, std::int64_t{v});
  } else if constexpr (DescribedEnum<T>) {
    append_string(out, boost::describe::enum_to_string(v, ""));
  } else if constexpr (std::is_same_v<T, Moment>) {
    append_string(out, rfc3339(v));
  } else if constexpr (std::is_same_v<T, json::value> || std::is_same_v<T, json::object> ||
                       std::is_same_v<T, json::array> || std::is_floating_point_v<T>) {
    out += json::serialize(json::value(v));
  } else if constexpr (std::is_convertible_v<T const&, std::string_view>) {
    append_string(out, std::string_view(v));
  } else if constexpr (requires { v.str(); }) {
    append_string(out, v.str());
  } else if constexpr (requires {
                         v.value;
                         T::min;
                       }) {
    append_integer(out, v.value);
  } else if constexpr (is_optional<T>::value) {
    if (v)
      append_json(out, *v);
    else
      out += "null";
  } else if constexpr (DescribedStruct<T>) {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      if constexpr (is_optional<std::remove_cvref_t<decltype(v.*d.pointer)>>::value)
        if (!(v.*d.pointer)) return;  // absent, not null
      out += first ? "\"" : ",\"";
      out += d.name;  // a C++ identifier: nothing to escape
      out += "\":";
      append_json(out, v.*d.pointer);
      first = false;
    });
    out += '}';
  } else {
    out += '[';
    bool first = true;
    for (auto const& item : v) {
      if (!first) out += ',';
      append_json(out, item);
      first = false;
    }
    out += ']';
  }
}

template <class T>
std::string write_json(T const& value) {
  std::string text;
  append_json(text, value);
  return text;
}

// JSON Schema of what from_json<T> accepts.
template <class T>
json::object read_schema() {
  return detail::Read<T>::schema();
}

// JSON Schema of what to_json<T> writes.
template <class T>
json::object write_schema() {
  using namespace detail;
  if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_integral_v<T> || std::is_same_v<T, Bytes>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_same_v<T, Moment>) {
    return {{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, json::value> || std::is_same_v<T, json::object>) {
    return json::object{};
  } else if constexpr (is_optional<T>::value) {
    return write_schema<typename T::value_type>();
  } else if constexpr (DescribedStruct<T>) {
    json::object properties;
    json::array required;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      properties[d.name] = write_schema<Member>();
      if constexpr (!is_optional<Member>::value) required.emplace_back(d.name);
    });
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
  } else if constexpr (requires {
                         typename T::value_type;
                         requires std::is_same_v<T, std::vector<typename T::value_type>>;
                       }) {
    return {{"type", "array"}, {"items", write_schema<typename T::value_type>()}};
  } else {
    return Read<T>::schema();
  }
}

// "CreateServer" for berth::api::CreateServer: the name of a schema component.
template <class T>
std::string type_name() {
  auto name = boost::core::type_name<T>();
  auto const at = name.rfind("::");
  return at == std::string::npos ? name : name.substr(at + 2);
}

}  // namespace berth
