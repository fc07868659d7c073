// The OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0) of the routes.
#pragma once

#include <string>
#include <string_view>

namespace berth::api {

// Compact, made once.
std::string_view openapi_document();
// The same, indented: what `berthd --openapi` prints and openapi.json holds.
std::string openapi_pretty();

}  // namespace berth::api
