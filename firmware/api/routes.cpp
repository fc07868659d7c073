#include <algorithm>
#include <array>
#include <vector>

#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> routes() {
  static std::vector<Route> const all = [] {
    std::vector<Route> rows;
    for (auto const table :
         {account_routes(), server_routes(), job_routes(), host_routes(), event_routes(), machine_routes()})
      rows.insert(rows.end(), table.begin(), table.end());
    return rows;
  }();
  return all;
}

Result<Found> find_route(Method method, std::string_view path) {
  if (method == Method::head) method = Method::get;
  bool other_method = false;
  for (auto const& route : routes()) {
    Found found{&route, {}};
    if (!match_path(route.path, path, found.values)) continue;
    if (route.method == method) return found;
    other_method = true;
  }
  if (other_method)
    return fail(ErrorCode::invalid_argument, "method-not-allowed", "This address does not know that method.");
  return fail(ErrorCode::not_found, "not-found", "There is nothing at this address.");
}

std::string allowed_methods(std::string_view path) {
  std::string allowed;
  for (auto const& route : routes()) {
    PathValues values;
    if (match_path(route.path, path, values))
      allowed += (allowed.empty() ? "" : ", ") + std::string(http::to_string(route.method));
  }
  return allowed;
}

}  // namespace berth::api
