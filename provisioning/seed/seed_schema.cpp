#include "provisioning/seed/seed.hpp"

namespace berth::seed {
namespace {

// A text that must hold something, and the links of a network, have no default.
bool has_default(std::string_view name, json::object const& of) {
  auto const* least = of.if_contains("minLength");
  return name != "links" && (least == nullptr || *least == 0);
}

json::object* object_at(json::object& parent, std::string_view name) {
  auto* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

void relax(json::object& schema) {
  if (auto* items = object_at(schema, "items")) relax(*items);
  auto* properties = object_at(schema, "properties");
  if (properties == nullptr) return;
  for (auto& [name, property] : *properties) relax(property.as_object());
  auto const* required = schema.if_contains("required");
  if (required == nullptr) return;
  json::array left;
  for (auto const& name : required->as_array())
    if (!has_default(name.as_string(), properties->at(name.as_string()).as_object())) left.push_back(name);
  if (left.empty())
    schema.erase("required");
  else
    schema["required"] = std::move(left);
}

// `whole`: a value of the type in which every field is as new.
void fill(json::value& value, json::value const& whole) {
  auto* object = value.if_object();
  if (object == nullptr) return;
  for (auto const& [name, as_new] : whole.as_object()) {
    auto* found = object->if_contains(name);
    if (found == nullptr)
      (*object)[name] = as_new;
    else if (as_new.is_object())
      fill(*found, as_new);
  }
}

// The members that have a default, as they are in a value that nobody told anything.
template <class T>
json::value as_new() {
  auto whole = to_json(T{});
  auto const full = berth::detail::Read<T>::schema();
  auto const& properties = full.at("properties").as_object();
  for (auto const& [name, property] : properties)
    if (!has_default(name, property.as_object())) whole.as_object().erase(name);
  return whole;
}

json::value* member(json::value& value, std::string_view name) {
  auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

}  // namespace

json::object schema() {
  auto schema = berth::detail::Read<Seed>::schema();
  relax(schema);
  schema["properties"].as_object()["install"] =
      berth::detail::Read<contract::InstallSeed>::schema();  // as its reader wants it
  json::object whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Seed of a Berth machine"}};
  for (auto& [name, value] : schema) whole[name] = std::move(value);
  return whole;
}

void fill_in(json::value& seed) {
  if (auto* time = member(seed, "time")) fill(*time, as_new<contract::TimeSettings>());
  if (auto* ssh = member(seed, "ssh")) fill(*ssh, as_new<contract::SshSettings>());
  auto* network = member(seed, "network");
  if (network == nullptr) return;
  fill(*network, as_new<contract::NetworkSettings>());
  auto* links = member(*network, "links");
  if (links == nullptr || !links->is_array()) return;
  for (auto& link : links->get_array()) fill(link, as_new<contract::LinkSettings>());
}

}  // namespace berth::seed
