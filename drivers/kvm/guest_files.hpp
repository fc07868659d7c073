// What a VM has in the file system beside its disk.
#pragma once

#include <filesystem>

#include "drivers/contract/driver.hpp"

namespace berth::kvm {

struct GuestFiles {
  GuestFiles(contract::Directories const& directories, contract::GuestId const& guest)
      : folder(directories.state / "guests" / guest.str()),
        runtime(directories.runtime / "guests" / guest.str()),
        seed(folder / "seed.iso"),
        unfinished_seed(folder / "seed.iso.new"),
        serial_socket(runtime / "serial.sock") {}

  std::filesystem::path folder;   // shared with the disk store
  std::filesystem::path runtime;  // ours
  std::filesystem::path seed;
  std::filesystem::path unfinished_seed;  // while write_seed() writes it
  std::filesystem::path serial_socket;
};

// The folder that holds disk and seed, such that QEMU's user may pass through it and look at nothing (0711). Errors:
// io.
Result<void> make_folder(GuestFiles const& files);
// For root alone (0700): whoever can connect to the serial port has the guest's console. Errors: io.
Result<void> make_runtime(GuestFiles const& files);
Result<void> remove_runtime(GuestFiles const& files);
// Takes the seed away, and the folder when nothing else is in it.
Result<void> remove_seed(GuestFiles const& files);

// Does not block. Errors: unavailable (nobody listens), io.
Result<Descriptor> connect_unix(std::filesystem::path const& socket);

struct ProcessUsage {
  std::uint64_t cpu_ns = 0;
  std::uint64_t resident_bytes = 0;
};
// Of the process named in libvirt's PID file; nothing when there is none.
ProcessUsage process_usage(std::filesystem::path const& pid_file);

}  // namespace berth::kvm
