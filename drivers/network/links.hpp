// Bridge, veth pairs and addresses over rtnetlink (libnl-route-3). Stateless; every call opens its own socket, so all are thread-safe.
#pragma once

#include "drivers/contract/types.hpp"

namespace berth::network {

// The bridge `name` with the gateway's address, up, IPv6 off. Repeating it changes nothing. Errors: io, conflict (the name is not a bridge).
Result<void> ensure_bridge(std::string const& name, contract::NetworkSpec const& network);
Result<void> remove_link(std::string const& name);  // absent is success
bool link_exists(std::string const& name);
// The IPv4 addresses on `name`, "10.77.0.1/24".
Result<std::vector<std::string>> addresses_of(std::string const& name);
// A veth pair: `outer` here, on `bridge`, up; its peer as "eth0" in the namespace behind `netns` with MAC, address, default route, and lo up.
Result<void> plug(std::string const& outer, std::string const& bridge, int netns, contract::NicSpec const& nic);
// Bridged frames are judged by table bridge alone. Where br_netfilter is in the kernel it would also run them through the inet
// hooks, where a bridged and a routed packet look alike.
Result<void> keep_bridged_frames_apart();
// Writes "1" to net.ipv4.ip_forward of this network namespace.
Result<void> enable_forwarding();

}  // namespace berth::network
