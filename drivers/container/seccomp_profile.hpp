// The system calls a container may make: an allow-list in the words of the OCI runtime spec (config-linux.md,
// "seccomp").
#pragma once

#include "firmware/base/json.hpp"

namespace berth::container {

// Everything else answers EPERM (ENOSYS for clone3, so that C libraries fall back to clone, whose flags can be judged).
json::object seccomp_profile();

}  // namespace berth::container
