// The seccomp allow-lists. Calls take effect for this process and what it becomes.
#pragma once

#include "firmware/base/result.hpp"

namespace berth::sandbox {

Result<void> confine_system_calls_to_unpacking();
Result<void> confine_system_calls_to_qemu_img();

}  // namespace berth::sandbox
