// HostFacts::boot_id: the same as long as the guests of a start of this machine can still be there.
#pragma once

#include <filesystem>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::engine {

// Kept in `runtime`/boot-id, which goes with the machine's restart (tmpfs); on a folder that outlives one, the kernel's own boot
// id tells. Errors: io.
Result<std::string> boot_id(std::filesystem::path const& runtime);
// After every guest was stopped because the engine goes: whoever comes next is to start them again. Errors: io.
Result<void> forget_boot_id(std::filesystem::path const& runtime);

}  // namespace berth::engine
