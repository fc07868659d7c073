// Every running guest of this machine is stopped: before the machine goes down, or when the development stack ends.
#pragma once

#include <chrono>

#include "drivers/contract/engine.hpp"

namespace berth::engine {

// Side by side, orderly; what does not heed within `timeout` loses its power. The first error, after all were tried.
Result<void> stop_all(contract::Engine& engine, std::chrono::seconds timeout);

}  // namespace berth::engine
