// Which accelerator guests run under, proved by running one (design.md, decision 7).
//
// The bare device cannot tell: where KVM is para-virtual (kvm_pvm), /dev/kvm opens, makes a VM and even steps through
// real mode and long mode in software, and then ends an ordinary guest at its first SSE instruction with "KVM internal
// error, emulation failure". So the proof is a whole QEMU with its firmware and the processor model that guests get,
// booting a sector that checks what kernels need (probe_sector.S).
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "drivers/contract/types.hpp"

namespace berth::host {

struct AcceleratorVerdict {
  contract::Accelerator accelerator = contract::Accelerator::tcg;
  std::string reason;  // one sentence for a person, written from what was observed
};
BOOST_DESCRIBE_STRUCT(AcceleratorVerdict, (), (accelerator, reason))

struct ProbeSettings {
  std::filesystem::path kvm_device = "/dev/kvm";
  std::filesystem::path qemu = "/usr/bin/qemu-system-x86_64";
  std::chrono::milliseconds limit{3000};  // for the guest; it needs a tenth of that under TCG
};

// Any failure gives TCG and says why. Thread-safe; takes at most `limit` and some milliseconds.
AcceleratorVerdict probe_accelerator(ProbeSettings const& settings = {});

// The same, proved once for each start of the machine: kept in `runtime`/accelerator.json, which goes with the
// machine's start.
AcceleratorVerdict accelerator(std::filesystem::path const& runtime, ProbeSettings const& settings = {});

// Boots the sector under "kvm" or "tcg". Empty: every check passed. Else what was seen, as the end of a sentence.
std::string boot_probe_sector(contract::Accelerator accelerator, ProbeSettings const& settings);

}  // namespace berth::host
