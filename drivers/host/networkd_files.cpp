#include "drivers/host/networkd_files.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "drivers/contract/machine_checks.hpp"

namespace berth::host {

using namespace contract;

namespace {

constexpr std::string_view prefix = "50-berth-";
// Cards that are named come first, one that takes any card last.
constexpr std::string_view named_card = "50-berth-1-";
constexpr std::string_view named_card_by_current = "50-berth-2-";
constexpr std::string_view made_link = "50-berth-3-";
constexpr std::string_view any_card = "50-berth-9-";

// "[Section]" and "Key=value" lines. Values come from checked fields; one that could leave its line ends the process' trust in
// the check, and is an error.
class Unit {
 public:
  void section(char const* name) { text_ += std::string(text_.empty() ? "[" : "\n[") + name + "]\n"; }
  void set(char const* key, std::string_view value) {
    bool const plain = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }) &&
                       value.front() != ' ' && value.back() != ' ' && value.back() != '\\';
    if (!plain) clean_ = false;
    text_ += std::string(key) + "=" + std::string(value) + "\n";
  }
  Result<NetworkdFile> file(std::string name) && {
    if (!clean_)
      return fail(ErrorCode::internal, "network-value-unsafe", "A network setting holds what no line may hold.");
    return NetworkdFile{std::move(name), std::move(text_)};
  }

 private:
  std::string text_;
  bool clean_ = true;
};

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t bits = 0;  // of the family: 32 or 128; 0: not an address
};

Address address_of(std::string const& text) {
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1)
    address.bits = 32;
  else if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1)
    address.bits = 128;
  return address;
}

bool is_link_local(Address const& address) {
  return address.bits == 128 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

// Whether a gateway can be reached by the address's own network. One that cannot (a single address with its router elsewhere,
// as many hosters give) is on the link all the same.
bool is_within(std::string const& gateway, std::string const& address_with_prefix) {
  auto const slash = address_with_prefix.find('/');
  auto const one = address_of(gateway), other = address_of(address_with_prefix.substr(0, slash));
  if (is_link_local(one)) return true;
  std::size_t bits = 0;
  auto const digits = std::string_view(address_with_prefix).substr(slash + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  for (std::size_t bit = 0; bit < bits && bit < one.bits; ++bit) {
    auto const mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((one.bytes[bit / 8] & mask) != (other.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

// Where the machine can be reached, and answers to its name; a member of a bond or bridge has none.
bool has_addresses(LinkSettings const& link) {
  return link.ipv4.method != AddressMethod::off || link.ipv6.method != AddressMethod::off;
}

char const* kind_name(LinkKind kind) {
  return kind == LinkKind::bond ? "bond" : kind == LinkKind::bridge ? "bridge" : "vlan";
}

class Writer {
 public:
  Writer(NetworkSettings const& settings, NetworkdOptions const& options) : settings_(settings), options_(options) {}

  Result<std::vector<NetworkdFile>> write() && {
    for (auto const& link : settings_.links) {
      if (link.kind == LinkKind::ethernet) {
        TRY(write_card(link));
      } else {
        TRY(write_device(link));
        Unit unit;
        unit.section("Match");
        unit.set("Name", link.name);
        unit.set("Kind", kind_name(link.kind));
        write_network(unit, link);
        files_.push_back(TRY(std::move(unit).file(std::string(made_link) + link.name.str() + ".network")));
      }
    }
    return std::move(files_);
  }

 private:
  // The bond or bridge that the link is a member of.
  LinkSettings const* master_of(LinkSettings const& link) const {
    for (auto const& other : settings_.links)
      if (std::ranges::find(other.members.items, link.name) != other.members.end()) return &other;
    return nullptr;
  }

  // A member of a bond bears the bond's address, so it is looked for by the one it was made with; cards that have none of those
  // (virtual ones) by the one they bear.
  Result<void> write_card(LinkSettings const& link) {
    auto const* master = master_of(link);
    bool const bonded = master != nullptr && master->kind == LinkKind::bond;
    auto const name = link.name.str() + ".network";
    if (link.cards.empty()) return write_card_as(link, std::string(any_card) + name, "");
    if (bonded) TRY(write_card_as(link, std::string(named_card) + name, "PermanentMACAddress"));
    return write_card_as(link, std::string(named_card_by_current) + name, "MACAddress");
  }

  Result<void> write_card_as(LinkSettings const& link, std::string file, char const* match) {
    Unit unit;
    unit.section("Match");
    if (!link.cards.empty()) {
      std::string cards;
      for (auto const& card : link.cards) cards += (cards.empty() ? "" : " ") + card.str();
      unit.set(match, cards);
    }
    unit.set("Type", "ether");
    unit.set("Kind", options_.card_kind);
    write_network(unit, link);
    files_.push_back(TRY(std::move(unit).file(std::move(file))));
    return {};
  }

  Result<void> write_device(LinkSettings const& link) {
    Unit unit;
    unit.section("NetDev");
    unit.set("Name", link.name);
    unit.set("Kind", kind_name(link.kind));
    if (link.kind == LinkKind::bond) {
      unit.section("Bond");
      unit.set("Mode", link.bond_mode == BondMode::lacp ? "802.3ad" : "active-backup");
      unit.set("MIIMonitorSec", "100ms");
    } else if (link.kind == LinkKind::bridge) {
      unit.section("Bridge");
      unit.set("STP", "no");
      unit.set("ForwardDelaySec", "0");
    } else {
      unit.section("VLAN");
      unit.set("Id", std::to_string(link.vlan_id->value));
    }
    files_.push_back(TRY(std::move(unit).file(std::string(prefix) + link.name.str() + ".netdev")));
    return {};
  }

  void write_network(Unit& unit, LinkSettings const& link) {
    if (link.mtu) {
      unit.section("Link");
      unit.set("MTUBytes", std::to_string(link.mtu->value));
    }
    unit.section("Network");
    unit.set("Description", "berth " + link.name.str());
    unit.set("DHCP", link.ipv4.method == AddressMethod::automatic ? "ipv4" : "no");
    unit.set("LinkLocalAddressing", link.ipv6.method == AddressMethod::off ? "no" : "ipv6");
    unit.set("IPv6AcceptRA", link.ipv6.method == AddressMethod::automatic ? "yes" : "no");
    unit.set("MulticastDNS", has_addresses(link) ? "yes" : "no");
    for (auto const* address : {&link.ipv4, &link.ipv6})
      if (address->method == AddressMethod::fixed) unit.set("Address", address->address);
    for (auto const& server : settings_.dns) unit.set("DNS", server);
    for (auto const& domain : settings_.search) unit.set("Domains", domain);
    if (auto const* master = master_of(link))
      unit.set(master->kind == LinkKind::bond ? "Bond" : "Bridge", master->name);
    for (auto const& other : settings_.links)
      if (other.parent == link.name) unit.set("VLAN", other.name);
    for (auto const* address : {&link.ipv4, &link.ipv6})
      if (address->method == AddressMethod::fixed && !address->gateway.empty()) write_gateway(unit, *address);
    if (link.ipv4.method == AddressMethod::automatic) {
      unit.section("DHCPv4");
      unit.set("UseDomains", "yes");
    }
  }

  static void write_gateway(Unit& unit, AddressSettings const& settings) {
    unit.section("Route");
    unit.set("Gateway", settings.gateway);
    if (!is_within(settings.gateway.str(), settings.address.str())) unit.set("GatewayOnLink", "yes");
  }

  NetworkSettings const& settings_;
  NetworkdOptions const& options_;
  std::vector<NetworkdFile> files_;
};

}  // namespace

bool is_networkd_file_name(std::string_view name) {
  return name.starts_with(prefix) && (name.ends_with(".network") || name.ends_with(".netdev"));
}

Result<std::vector<NetworkdFile>> networkd_files(NetworkSettings const& settings, NetworkdOptions const& options) {
  TRY(check(settings));
  return Writer(settings, options).write();
}

}  // namespace berth::host
