// The rules of the machine's one guest network, as nftables JSON. Pure: nothing here touches the kernel.
//
// table bridge berth   what a guest's port may send (anti-spoofing), who may talk to whom, counters per guest and direction
// table inet berth     what guests may ask of this machine (DHCP, DNS, echo), forwarding and NAT
//
// Deny by default: a port named bt* without rules of its own passes nothing in either direction.
#pragma once

#include "drivers/contract/types.hpp"

namespace berth::network {

// Both tables from nothing (they are deleted first if they stand), without guests. `marker` names an empty chain by which
// base_marker() is found again, so that a changed program replaces an older program's rules.
json::array base_rules(contract::NetworkSpec const& network, std::string const& marker);
// Stable name of the base rules' content: "base_" and 16 hex digits.
std::string base_marker(contract::NetworkSpec const& network);

struct CounterValues {
  std::uint64_t rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
};

// One guest's chains, counters and map entries. Where they stand already, the rules are replaced and the counters go on;
// where they do not, the counters start from `counted`.
json::array guest_rules(std::string const& interface, contract::NicSpec const& nic, CounterValues const& counted = {});
// Takes them away; the order keeps references valid within the transaction.
json::array guest_removal(std::string const& interface);

std::string rx_counter(std::string const& interface);  // towards the guest
std::string tx_counter(std::string const& interface);  // from the guest

}  // namespace berth::network
