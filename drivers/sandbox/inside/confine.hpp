// How the sandbox gives up everything but its descriptors. Called once, before a single untrusted byte is read.
#pragma once

#include <cstdint>

#include "firmware/base/result.hpp"

namespace berth::sandbox {

// Becomes root of the user namespace behind `user_namespace`, with only the capabilities that writing foreign owners
// takes.
Result<void> enter_user_namespace(int user_namespace);
// Becomes berth-sandbox, without groups and capabilities.
Result<void> become_nobody();

struct Limits {
  std::uint64_t cpu_s = 0;
  std::uint64_t memory_bytes = 0;  // address space
  std::uint64_t file_bytes = 0;    // of any one file written
  std::uint64_t descriptors = 64;
};
Result<void> limit_resources(Limits const& limits);

// no_new_privs, Landlock: files only below the directory `tree`, and only acts that unpacking takes; seccomp: anything
// else kills.
Result<void> confine_to_tree(int tree);
// The same for a qemu-img to be executed: reads the system's programs and libraries, reads and writes the file `disk`.
Result<void> confine_to_qemu_img(int disk);

}  // namespace berth::sandbox
