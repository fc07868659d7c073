#include "firmware/api/openapi.hpp"

#include <array>
#include <map>

#include "firmware/api/event_handlers.hpp"
#include "firmware/api/problem.hpp"
#include "firmware/api/route.hpp"

namespace berth::api {
namespace {

json::object problem_response_of(std::string_view description) {
  return {{"description", description},
          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

json::object reference(std::string_view response) {
  return {{"$ref", "#/components/responses/" + std::string(response)}};
}

struct Refusal {
  std::string_view status;
  std::string_view name;
  std::string_view description;
};
constexpr std::array refusals{
    Refusal{"400", "Malformed", "The request cannot be read."},
    Refusal{"401", "Unauthenticated", "Nobody is signed in."},
    Refusal{"403", "Forbidden", "The caller may not do this."},
    Refusal{"404", "NotFound", "It does not exist, or is hidden from this caller."},
    Refusal{"409", "Conflict", "The state of the thing, or of the machine, forbids it now."},
    Refusal{"412", "EditedMeanwhile", "If-Match names an older version."},
    Refusal{"413", "TooLarge", "The body is larger than is allowed."},
    Refusal{"415", "UnsupportedMediaType", "The body is not of the type that is described."},
    Refusal{"422", "Unacceptable", "Some fields are not acceptable; errors says which and why."},
    Refusal{"428", "IfMatchRequired", "If-Match is missing."},
    Refusal{"429", "TooManyRequests", "Try again after Retry-After."},
    Refusal{"503", "Unavailable", "A part that is needed does not answer."},
};

void add_refusals(Operation& operation, Route const& route, bool with_if_match) {
  auto const add = [&](std::string_view status) {
    for (auto const& refusal : refusals)
      if (refusal.status == status) operation.responses[status] = reference(refusal.name);
  };
  if (route.rule.kind() != Rule::Kind::open || route.unsafe()) add("401");
  if (route.rule.kind() != Rule::Kind::signed_in || route.unsafe()) add("403");
  if (route.endpoint.granted_count > 0) add("404");
  if (route.endpoint.reads_body) add("400"), add("415");
  if (route.endpoint.streamed_bytes_max > 0) add("413");
  if (!operation.parameters.empty() || route.endpoint.reads_body) add("422");
  if (route.unsafe()) add("409"), add("429");
  if (with_if_match) add("412"), add("428");
  add("503");
}

void add_security(json::object& operation, Route const& route) {
  if (route.rule.kind() == Rule::Kind::open) {
    operation["security"] = json::array{};
    operation["x-berth-public"] = route.rule.reason();
    return;
  }
  json::object session{{"session", json::array{}}};
  if (route.unsafe()) session["csrf"] = json::array{};
  operation["security"] = json::array{std::move(session)};
  if (route.rule.kind() == Rule::Kind::permission)
    operation["x-berth-permission"] = access::to_string(route.rule.permission());
}

// "GET /servers/{server}/jobs" -> "get_servers_server_jobs".
std::string operation_id(Route const& route) {
  std::string id;
  for (char c : http::to_string(route.method)) id += static_cast<char>(c + 32);
  for (char c : route.path)
    if (c == '/' || c == '-')
      id += '_';
    else if (c != '{' && c != '}')
      id += c;
  return id;
}

json::object describe_route(Route const& route, Schemas& schemas) {
  Operation described{schemas};
  route.endpoint.describe(described);
  bool with_if_match = false;
  for (auto const& parameter : described.parameters)
    with_if_match = with_if_match || parameter.at("name") == "If-Match";
  add_refusals(described, route, with_if_match);
  if (route.endpoint.replayable && route.method == Method::post)
    described.parameters.push_back(json::object{
        {"name", "Idempotency-Key"},
        {"in", "header"},
        {"required", false},
        {"description", "Repeated within 24 hours with the same body: the same answer, and nothing happens twice."},
        {"schema", {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}}}});

  json::object operation{{"operationId", operation_id(route)}, {"summary", route.summary}};
  auto const noun = route.path.substr(1, route.path.find('/', 1) - 1);
  operation["tags"] = json::array{json::string(noun)};
  add_security(operation, route);
  if (!described.parameters.empty()) operation["parameters"] = std::move(described.parameters);
  if (!described.request_body.empty()) operation["requestBody"] = std::move(described.request_body);
  operation["responses"] = std::move(described.responses);
  return operation;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

json::object make_document() {
  Schemas schemas;
  schemas.write<Problem>();
  schemas.write<EventData>();
  json::object paths;
  for (auto const& route : routes()) {
    auto& path = paths[base_path + std::string(route.path)];
    if (!path.is_object()) path = json::object{};
    path.as_object()[lower(http::to_string(route.method))] = describe_route(route, schemas);
  }
  json::object responses;
  for (auto const& refusal : refusals) responses[refusal.name] = problem_response_of(refusal.description);

  json::object components;
  components["schemas"] = std::move(schemas.components);
  components["responses"] = std::move(responses);
  components["securitySchemes"] = {{"session",
                                    {{"type", "apiKey"},
                                     {"in", "cookie"},
                                     {"name", session_cookie},
                                     {"description", "From POST /sessions or POST /setup."}}},
                                   {"csrf",
                                    {{"type", "apiKey"},
                                     {"in", "header"},
                                     {"name", "X-Berth-CSRF"},
                                     {"description", "From POST /sessions, POST /setup or GET /me."}}}};

  json::object document;
  document["openapi"] = "3.1.0";
  document["info"] = {{"title", "Berth"},
                      {"version", "1"},
                      {"description", "The panel's API. Every error is application/problem+json (RFC 9457)."}};
  document["servers"] = json::array{json::object{{"url", "/"}}};
  document["paths"] = std::move(paths);
  document["components"] = std::move(components);
  return document;
}

void pretty(std::string& out, json::value const& value, std::size_t depth) {
  std::string const inner((depth + 1) * 2, ' ');
  auto const close = [&](char bracket) { out += "\n" + std::string(depth * 2, ' ') + bracket; };
  bool first = true;
  auto const begin = [&] {
    out += first ? "\n" : ",\n";
    out += inner;
    first = false;
  };
  if (auto const* object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    for (auto const& [key, member] : *object) {
      begin();
      out += json::serialize(json::string(key)) + ": ";
      pretty(out, member, depth + 1);
    }
    close('}');
  } else if (auto const* array = value.if_array(); array != nullptr && !array->empty()) {
    out += '[';
    for (auto const& item : *array) {
      begin();
      pretty(out, item, depth + 1);
    }
    close(']');
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string_view openapi_document() {
  static std::string const text = json::serialize(make_document());
  return text;
}

std::string openapi_pretty() {
  std::string text;
  pretty(text, make_document(), 0);
  return text + "\n";
}

}  // namespace berth::api
