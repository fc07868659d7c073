#include "drivers/network/links.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <sched.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace berth::network {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Socket = std::unique_ptr<nl_sock, Freed<nl_socket_free>>;
using Link = std::unique_ptr<rtnl_link, Freed<rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, Freed<rtnl_addr_put>>;
using RawAddress = std::unique_ptr<nl_addr, Freed<nl_addr_put>>;
using Route = std::unique_ptr<rtnl_route, Freed<rtnl_route_put>>;
using Cache = std::unique_ptr<nl_cache, Freed<nl_cache_free>>;

std::unexpected<Error> nl_fail(int error, std::string const& what) {
  return fail(ErrorCode::io, "netlink-refused", what + ": " + nl_geterror(error));
}

Result<Socket> connect() {
  Socket socket(nl_socket_alloc());
  if (!socket) return fail(ErrorCode::io, "netlink-refused", "no memory for a netlink socket");
  if (auto e = nl_connect(socket.get(), NETLINK_ROUTE); e < 0) return nl_fail(e, "opening rtnetlink");
  return socket;
}

// Null when there is no such link.
Link find(nl_sock* socket, std::string const& name) {
  rtnl_link* found = nullptr;
  if (rtnl_link_get_kernel(socket, 0, name.c_str(), &found) < 0) return {};
  return Link(found);
}

Result<void> add_address(nl_sock* socket, int index, std::string const& address, std::int64_t prefix) {
  nl_addr* raw = nullptr;
  auto const text = address + "/" + std::to_string(prefix);
  if (auto e = nl_addr_parse(text.c_str(), AF_INET, &raw); e < 0) return nl_fail(e, "the address " + text);
  RawAddress local(raw);
  Address entry(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(entry.get(), index);
  rtnl_addr_set_local(entry.get(), local.get());
  auto const e = rtnl_addr_add(socket, entry.get(), 0);
  if (e < 0 && e != -NLE_EXIST) return nl_fail(e, "adding the address " + text);
  return {};
}

Result<void> set_up(nl_sock* socket, std::string const& name) {
  auto link = find(socket, name);
  if (!link) return fail(ErrorCode::not_found, "link-absent", "there is no network link " + name);
  Link change(rtnl_link_alloc());
  rtnl_link_set_flags(change.get(), IFF_UP);
  if (auto e = rtnl_link_change(socket, link.get(), change.get(), 0); e < 0) return nl_fail(e, "bringing up " + name);
  return {};
}

Result<void> add_default_route(nl_sock* socket, int index, std::string const& gateway) {
  nl_addr* raw = nullptr;
  if (auto e = nl_addr_parse("0.0.0.0/0", AF_INET, &raw); e < 0) return nl_fail(e, "the default route");
  RawAddress everywhere(raw);
  raw = nullptr;
  if (auto e = nl_addr_parse(gateway.c_str(), AF_INET, &raw); e < 0) return nl_fail(e, "the gateway " + gateway);
  RawAddress via(raw);
  Route route(rtnl_route_alloc());
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_dst(route.get(), everywhere.get());
  auto* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, index);
  rtnl_route_nh_set_gateway(hop, via.get());
  rtnl_route_add_nexthop(route.get(), hop);  // the route owns the hop now
  auto const e = rtnl_route_add(socket, route.get(), 0);
  if (e < 0 && e != -NLE_EXIST) return nl_fail(e, "adding the default route via " + gateway);
  return {};
}

// Runs inside the guest's namespace.
Result<void> configure_guest_side(contract::NicSpec const& nic) {
  auto socket = TRY(connect());
  TRY(set_up(socket.get(), "lo"));
  auto link = find(socket.get(), "eth0");
  if (!link) return fail(ErrorCode::io, "link-absent", "the guest's eth0 did not arrive in its namespace");
  auto const index = rtnl_link_get_ifindex(link.get());
  TRY(add_address(socket.get(), index, nic.address.str(), nic.prefix.value));
  TRY(set_up(socket.get(), "eth0"));
  return add_default_route(socket.get(), index, nic.gateway.str());
}

// A thread of its own: setns(2) moves only the calling thread, and that thread must not be used for anything else.
template <class F>
Result<void> in_namespace(int netns, F act) {
  Result<void> result;
  std::jthread([&] {
    if (::setns(netns, CLONE_NEWNET) != 0)
      result = fail_errno(errno, "entering the guest's network namespace");
    else
      result = act();
  }).join();
  return result;
}

Result<void> set_sysctl(std::string const& path, char value) {
  std::ifstream now(path);
  if (now.peek() == value) return {};
  std::ofstream file(path);
  file << value << std::flush;
  if (!file) return fail(ErrorCode::io, "sysctl-refused", "the kernel refused a write to " + path);
  return {};
}

Result<void> attach_outer(nl_sock* socket, std::string const& outer, std::string const& bridge) {
  auto master = find(socket, bridge);
  if (!master) return fail(ErrorCode::conflict, "no-network", "the bridge " + bridge + " does not exist");
  auto link = find(socket, outer);
  if (!link) return fail(ErrorCode::io, "link-absent", "the link " + outer + " vanished");
  Link change(rtnl_link_alloc());
  rtnl_link_set_master(change.get(), rtnl_link_get_ifindex(master.get()));
  rtnl_link_set_flags(change.get(), IFF_UP);
  if (auto e = rtnl_link_change(socket, link.get(), change.get(), 0); e < 0)
    return nl_fail(e, "joining " + outer + " to " + bridge);
  return {};
}

// A locally administered MAC made of the gateway's address: a bridge without a fixed one takes its lowest port's and changes with it.
RawAddress bridge_mac(contract::NetworkSpec const& network) {
  in_addr address{};
  inet_pton(AF_INET, network.gateway.str().c_str(), &address);
  unsigned char mac[6] = {0x02, 0xbe};
  std::memcpy(mac + 2, &address, 4);
  return RawAddress(nl_addr_build(AF_LLC, mac, sizeof mac));
}

}  // namespace

bool link_exists(std::string const& name) {
  return ::if_nametoindex(name.c_str()) != 0;
}

Result<void> ensure_bridge(std::string const& name, contract::NetworkSpec const& network) {
  auto socket = TRY(connect());
  auto link = find(socket.get(), name);
  if (link && !rtnl_link_is_bridge(link.get()))
    return fail(ErrorCode::conflict, "not-a-bridge", name + " exists and is not a bridge");
  if (!link) {
    Link fresh(rtnl_link_bridge_alloc());
    rtnl_link_set_name(fresh.get(), name.c_str());
    rtnl_link_set_addr(fresh.get(), bridge_mac(network).get());
    if (auto e = rtnl_link_add(socket.get(), fresh.get(), NLM_F_CREATE | NLM_F_EXCL); e < 0)
      return nl_fail(e, "making the bridge " + name);
    link = find(socket.get(), name);
    if (!link) return fail(ErrorCode::io, "link-absent", "the bridge " + name + " vanished");
  }
  TRY(set_sysctl("/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6", '1'));
  TRY(add_address(socket.get(), rtnl_link_get_ifindex(link.get()), network.gateway.str(), network.prefix.value));
  return set_up(socket.get(), name);
}

Result<void> remove_link(std::string const& name) {
  auto socket = TRY(connect());
  auto link = find(socket.get(), name);
  if (!link) return {};
  auto const e = rtnl_link_delete(socket.get(), link.get());
  if (e < 0 && e != -NLE_NODEV && e != -NLE_OBJ_NOTFOUND) return nl_fail(e, "removing " + name);
  return {};
}

Result<std::vector<std::string>> addresses_of(std::string const& name) {
  auto socket = TRY(connect());
  auto const index = static_cast<int>(::if_nametoindex(name.c_str()));
  nl_cache* raw = nullptr;
  if (auto e = rtnl_addr_alloc_cache(socket.get(), &raw); e < 0) return nl_fail(e, "listing addresses");
  Cache cache(raw);
  std::vector<std::string> out;
  for (auto* o = nl_cache_get_first(cache.get()); o != nullptr; o = nl_cache_get_next(o)) {
    auto* entry = reinterpret_cast<rtnl_addr*>(o);
    if (index == 0 || rtnl_addr_get_ifindex(entry) != index || rtnl_addr_get_family(entry) != AF_INET) continue;
    char text[64];
    out.emplace_back(nl_addr2str(rtnl_addr_get_local(entry), text, sizeof text));
  }
  return out;
}

Result<void> plug(std::string const& outer, std::string const& bridge, int netns, contract::NicSpec const& nic) {
  auto socket = TRY(connect());
  if (find(socket.get(), outer)) TRY(remove_link(outer));  // the leftover of a start that did not finish
  Link link(rtnl_link_veth_alloc());
  rtnl_link_set_name(link.get(), outer.c_str());
  auto* peer = rtnl_link_veth_get_peer(link.get());
  Link peer_owner(peer);
  rtnl_link_set_name(peer, "eth0");
  rtnl_link_set_ns_fd(peer, netns);
  nl_addr* raw = nullptr;
  if (auto e = nl_addr_parse(nic.mac.str().c_str(), AF_LLC, &raw); e < 0)
    return nl_fail(e, "the MAC address " + nic.mac.str());
  RawAddress mac(raw);
  rtnl_link_set_addr(peer, mac.get());
  if (auto e = rtnl_link_add(socket.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL); e < 0)
    return nl_fail(e, "making " + outer);
  auto done = attach_outer(socket.get(), outer, bridge);
  if (done) done = in_namespace(netns, [&] { return configure_guest_side(nic); });
  if (!done) (void)remove_link(outer);
  return done;
}

Result<void> keep_bridged_frames_apart() {
  for (auto const* name : {"iptables", "ip6tables", "arptables"}) {
    auto const path = std::string("/proc/sys/net/bridge/bridge-nf-call-") + name;
    if (std::filesystem::exists(path)) TRY(set_sysctl(path, '0'));
  }
  return {};
}

Result<void> enable_forwarding() {
  return set_sysctl("/proc/sys/net/ipv4/ip_forward", '1');
}

}  // namespace berth::network
