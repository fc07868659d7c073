// The rows of each noun. A new noun adds a line here and one in routes.cpp.
#pragma once

#include "firmware/api/route.hpp"

namespace berth::api {

std::span<Route const> server_routes();
std::span<Route const> job_routes();
std::span<Route const> account_routes();
std::span<Route const> host_routes();
std::span<Route const> event_routes();
std::span<Route const> machine_routes();

}  // namespace berth::api
