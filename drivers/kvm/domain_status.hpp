// What libvirt says of a domain, in the contract's words.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "drivers/contract/types.hpp"
#include "drivers/kvm/libvirt.hpp"

namespace berth::kvm {

// A null Domain when libvirt knows none with this id.
Result<Domain> find_domain(virConnectPtr connection, contract::GuestId const& guest);

// The guest that a domain's name and id agree on; nothing for domains that are not ours.
std::optional<std::string> guest_of(virDomainPtr domain);

struct DomainState {
  contract::GuestState state = contract::GuestState::absent;
  std::string reason;
};
// virDomainState and the reason that belongs to it. Pure.
DomainState translate_state(int state, int reason);

inline constexpr char disk_error_reason[] = "stopped at a disk error";

bool is_active(contract::GuestState state);

// Nothing here waits for a guest's QEMU: one that hangs must not hide the others. `pid_files`: /run/libvirt/qemu.
Result<contract::GuestStatus> read_status(virConnectPtr connection, contract::GuestId const& guest,
                                          std::filesystem::path const& pid_files);
// Every domain that is named like ours.
Result<std::vector<contract::GuestStatus>> read_all_status(virConnectPtr connection,
                                                           std::filesystem::path const& pid_files);

// Asks QEMU why a guest that stopped at a disk error did so, and completes `status`. A brief call of its own.
Result<void> explain_disk_error(virConnectPtr connection, contract::GuestStatus& status);

}  // namespace berth::kvm
