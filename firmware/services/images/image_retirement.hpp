// Images that nobody can order any more and no server rests on: they leave the engine.
#pragma once

#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/services/call.hpp"

namespace berth::images {

using services::Call;
using services::Granted;

// Enqueues the removal of at most ten of the engine's images that were registered here once, were superseded, and have no
// server left; or that bear a name of ours and are not known at all. Images with other names are somebody else's. Returns how
// many.
Result<int> retire_images(Call& call, Granted<access::System> const& system,
                          std::vector<contract::ImageFacts> const& images);

}  // namespace berth::images
