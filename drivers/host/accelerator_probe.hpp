// Which accelerator guests run under, proved by running one (design.md, decision 7).
#pragma once

#include <filesystem>
#include <string>

#include "drivers/contract/types.hpp"

namespace berth::host {

struct AcceleratorVerdict {
  contract::Accelerator accelerator = contract::Accelerator::tcg;
  std::string reason;  // one sentence for a person, written from what was observed
};

struct ProbeSettings {
  std::filesystem::path kvm_device = "/dev/kvm";
  std::filesystem::path qemu = "/usr/bin/qemu-system-x86_64";
};

// Runs code under KVM in two stages, first on the bare device, then in a real QEMU with its firmware, and falls back to TCG when
// either does not give the result that the processor manual promises. Takes under 4 seconds, whatever the machine does.
AcceleratorVerdict probe_accelerator(ProbeSettings const& settings = {});

// The same, once for each start of the machine: the verdict is kept in `runtime`/accelerator.json. Call it from one thread.
AcceleratorVerdict accelerator(std::filesystem::path const& runtime, ProbeSettings const& settings = {});

}  // namespace berth::host
