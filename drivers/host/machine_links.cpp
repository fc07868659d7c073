#include "drivers/host/machine_links.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <format>
#include <map>
#include <memory>

#include "firmware/base/descriptor.hpp"

namespace berth::host {

using contract::LinkFacts;

namespace {

std::string mac_text(std::uint8_t const* bytes) {
  return std::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                     bytes[5]);
}

// The address a card was made with: while it is in a bond it bears another one. Empty: it has none.
std::string permanent_mac(int socket, std::string const& name) {
  // struct ethtool_perm_addr: command, size, then as many bytes.
  constexpr std::size_t mac_bytes_max = 32;
  std::array<std::uint32_t, 2 + mac_bytes_max / 4> wish{ETHTOOL_GPERMADDR, mac_bytes_max};
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(wish.data());
  if (::ioctl(socket, SIOCETHTOOL, &request) != 0 || wish[1] != 6) return "";
  std::array<std::uint8_t, 6> bytes{};
  std::memcpy(bytes.data(), &wish[2], bytes.size());
  if (std::ranges::all_of(bytes, [](auto byte) { return byte == 0; })) return "";
  return mac_text(bytes.data());
}

std::filesystem::path device_of(std::string const& name) {
  return std::filesystem::path("/sys/class/net") / name / "device";
}

std::string driver_of(std::string const& name) {
  std::error_code ec;
  auto const driver = std::filesystem::read_symlink(device_of(name) / "driver", ec);
  return ec ? "" : driver.filename().string();
}

// "192.0.2.10/24"; empty for what is no address, or link-local.
std::string address_text(ifaddrs const& entry) {
  char text[INET6_ADDRSTRLEN] = {};
  int bits = 0;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{}, mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    bits = std::popcount(mask.sin_addr.s_addr);
  } else {
    sockaddr_in6 address{}, mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) return "";
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    for (auto const byte : mask.sin6_addr.s6_addr) bits += std::popcount(byte);
  }
  return std::string(text) + "/" + std::to_string(bits);
}

void read_entry(std::map<std::string, LinkFacts>& links, ifaddrs const& entry) {
  if (entry.ifa_addr == nullptr) return;
  auto& link = links[entry.ifa_name];
  link.name = entry.ifa_name;
  link.carrier = (entry.ifa_flags & IFF_RUNNING) != 0;
  auto const family = entry.ifa_addr->sa_family;
  if (family == AF_PACKET) {
    sockaddr_ll hardware{};
    std::memcpy(&hardware, entry.ifa_addr, sizeof hardware);
    if (hardware.sll_halen == 6) link.mac = mac_text(hardware.sll_addr);
  } else if ((family == AF_INET || family == AF_INET6) && entry.ifa_netmask != nullptr) {
    if (auto text = address_text(entry); !text.empty()) link.addresses.push_back(std::move(text));
  }
}

}  // namespace

Result<std::vector<LinkFacts>> read_links(std::span<std::string const> also) {
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) != 0) return fail_errno(errno, "list the network's links");
  std::unique_ptr<ifaddrs, decltype([](ifaddrs* list) { ::freeifaddrs(list); })> const list(raw);
  std::map<std::string, LinkFacts> links;
  for (auto const* entry = list.get(); entry != nullptr; entry = entry->ifa_next) read_entry(links, *entry);
  Descriptor const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail_errno(errno, "a socket to ask for cards");
  std::vector<LinkFacts> wanted;
  for (auto& [name, link] : links) {
    std::error_code ignored;
    bool const hardware = std::filesystem::exists(device_of(name), ignored);
    if (!hardware && std::ranges::find(also, name) == also.end()) continue;
    if (hardware) {
      link.driver = driver_of(name);
      if (auto mac = permanent_mac(socket.get(), name); !mac.empty()) link.mac = std::move(mac);
    }
    wanted.push_back(std::move(link));
  }
  return wanted;
}

Result<void> delete_link(std::string const& name, contract::LinkKind kind) {
  auto const refused = [&](int error) {
    return fail(ErrorCode::io, "netlink-refused", "removing the link " + name + ": " + nl_geterror(error));
  };
  std::unique_ptr<nl_sock, decltype([](nl_sock* s) { nl_socket_free(s); })> const socket(nl_socket_alloc());
  if (!socket) return refused(-NLE_NOMEM);
  if (auto const e = nl_connect(socket.get(), NETLINK_ROUTE); e < 0) return refused(e);
  rtnl_link* raw = nullptr;
  if (rtnl_link_get_kernel(socket.get(), 0, name.c_str(), &raw) < 0) return {};
  std::unique_ptr<rtnl_link, decltype([](rtnl_link* l) { rtnl_link_put(l); })> const link(raw);
  auto const* there = rtnl_link_get_type(link.get());
  using enum contract::LinkKind;
  char const* const meant = kind == bond ? "bond" : kind == bridge ? "bridge" : kind == vlan ? "vlan" : "";
  if (there == nullptr || std::strcmp(there, meant) != 0) return {};
  if (auto const e = rtnl_link_delete(socket.get(), link.get()); e < 0 && e != -NLE_NODEV) return refused(e);
  return {};
}

}  // namespace berth::host
