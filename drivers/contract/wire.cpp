#include "drivers/contract/wire.hpp"

#include <cstdlib>

#include "firmware/base/json_reply.hpp"

namespace berth::contract::wire {
namespace {

// Error and FieldProblem as described structs.
struct Field {
  std::string pointer;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(Field, (), (pointer, message))

struct Failed {
  std::string code;
  std::string slug;
  std::string message;
  std::vector<Field> fields;
  std::string context;
};
BOOST_DESCRIBE_STRUCT(Failed, (), (code, slug, message, fields, context))

ErrorCode error_code_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i)
    if (to_string(static_cast<ErrorCode>(i)) == name) return static_cast<ErrorCode>(i);
  return ErrorCode::internal;
}

struct Free {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

json::object encode_error(Error const& error) {
  Failed failed{std::string(to_string(error.code)), error.slug, error.message, {}, error.context};
  for (auto const& field : error.fields) failed.fields.push_back({field.pointer, field.message});
  return to_json(failed).as_object();
}

Error decode_error(std::string_view name, json::value const& parameters) {
  if (name == engine_failed || name == machine_failed) {
    auto failed = from_reply<Failed>(parameters);
    if (!failed) return std::move(failed).error();
    Error error{error_code_of(failed->code), failed->slug, failed->message, {}, failed->context};
    for (auto& field : failed->fields) error.fields.push_back({std::move(field.pointer), std::move(field.message)});
    return error;
  }
  // The varlink service itself found a parameter that does not fit the IDL, and names it alone.
  if (name == "org.varlink.service.InvalidParameter") {
    Error error = detail::new_field_error();
    auto const* object = parameters.if_object();
    auto const* field = object ? object->if_contains("parameter") : nullptr;
    auto const* text = field ? field->if_string() : nullptr;
    error.fields.push_back({text ? "/" + std::string(std::string_view(*text)) : "", "does not fit the interface"});
    return error;
  }
  if (name == "org.varlink.service.MethodNotFound" || name == "org.varlink.service.InterfaceNotFound")
    return {ErrorCode::unsupported, "engine-method-unknown",
            "The engine does not know this call; it is another version than the panel."};
  return {ErrorCode::internal, "engine-error", "The engine answered with " + std::string(name) + "."};
}

Result<json::value> from_variant(sd_json_variant* variant) {
  if (variant == nullptr) return json::object{};
  char* raw = nullptr;
  int const length = sd_json_variant_format(variant, sd_json_format_flags_t{}, &raw);
  std::unique_ptr<char, Free> const text(raw);
  if (length < 0) return fail_errno(-length, "reading a varlink message");
  return parse_json({text.get(), static_cast<std::size_t>(length)});
}

Result<Variant> to_variant(json::value const& value) {
  auto const text = json::serialize(value);
  sd_json_variant* variant = nullptr;
  int const r = sd_json_parse(text.c_str(), sd_json_parse_flags_t{}, &variant, nullptr, nullptr);
  if (r < 0) return fail_errno(-r, "writing a varlink message");
  return Variant(variant);
}

}  // namespace berth::contract::wire
