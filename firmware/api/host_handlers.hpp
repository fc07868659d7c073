// The machine, its plans and images: decode, call, encode.
#pragma once

#include "firmware/api/arguments.hpp"
#include "firmware/api/host_views.hpp"

namespace berth::api {

Result<view::HostAnswer> show_host(Call& call, Granted<access::System> const& system);
Result<view::PlanList> list_plans(Call& call, Granted<access::System> const& system);
Result<view::ImageList> list_images(Call& call, Granted<access::System> const& system);

}  // namespace berth::api
