#pragma once

#include <vector>

#include "firmware/services/call.hpp"

namespace berth::services {

Result<std::vector<store::Plan>> list_plans(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
