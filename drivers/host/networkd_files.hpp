// The one writer of systemd-networkd's files (systemd.network(5), systemd.netdev(5)). Pure.
// Cards keep the kernel's names: an ethernet link's name is the operator's word for it, and its card is found by address,
// so that settings can be tried and taken back without renaming anything that is up.
#pragma once

#include <string>
#include <vector>

#include "drivers/contract/machine_types.hpp"

namespace berth::host {

struct NetworkdFile {
  std::string name;  // "50-berth-bond0.netdev"; networkd takes the first .network that matches, in the order of names
  std::string text;
};

struct NetworkdOptions {
  // Kind= of what counts as a card (systemd.network(5)): what has no kind is hardware.
  std::string card_kind = "!*";
};

// Whether a file in networkd's folder is one of ours.
bool is_networkd_file_name(std::string_view name);

// Errors: invalid_argument: whatever the checks of the contract refuse is refused here once more (with the pointers of
// contract::check), so that no value ever leaves its line.
Result<std::vector<NetworkdFile>> networkd_files(contract::NetworkSettings const& settings,
                                                 NetworkdOptions const& options = {});

}  // namespace berth::host
