// Who may reach the machine by SSH: root alone, by key alone, and then only the console program.
//
// Whoever is inside when it is switched off, or when a key is taken away, is put out: connections, sessions and what runs in them, also
// of keys that stay (sshd does not tell them apart), who may come again.
//
// Kept in SETTINGS/ssh.json. From it come SETTINGS/ssh/authorized_keys and SETTINGS/ssh/enabled (ssh.service starts only where
// that file is), and the host firewall's door in SETTINGS/nftables.d.
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"
#include "drivers/host/system_bus.hpp"

namespace berth::host {

// authorized_keys(5), each key with a forced command. Errors: invalid_argument (check(SshSettings)).
Result<std::string> authorized_keys(contract::SshSettings const& settings);

Result<contract::SshSettings> kept_ssh(MachinePaths const& paths);  // not understood: off
Result<void> set_ssh_access(MachinePaths const& paths, SystemBus& bus, contract::SshSettings const& settings);

}  // namespace berth::host
