// The engine's images against the panel's.
#pragma once

#include <string>
#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/services/call.hpp"

namespace berth::images {

using services::Call;
using services::Granted;

// An image that is ready here and absent there (somebody emptied the engine's store) is imported again. Returns how
// many. The call was made (Call::now) before the engine was asked.
Result<int> record_images(Call& call, Granted<access::System> const& system,
                          std::vector<contract::ImageFacts> const& images);

}  // namespace berth::images
