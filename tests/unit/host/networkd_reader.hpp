// Reads systemd-networkd's files back into the settings that they were written from, by systemd.syntax(7) and not by what the
// writer happens to do: the property test's second opinion.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "drivers/host/networkd_files.hpp"
#include "tests/unit/host/network_examples.hpp"

namespace berth::host::testing {

struct IniSection {
  std::string name;
  std::vector<std::pair<std::string, std::string>> values;

  std::vector<std::string> all(std::string_view key) const {
    std::vector<std::string> found;
    for (auto const& [k, v] : values)
      if (k == key) found.push_back(v);
    return found;
  }
  std::string one(std::string_view key) const {
    auto const found = all(key);
    return found.size() == 1 ? found[0] : "";
  }
};

inline std::vector<IniSection> parse_ini(std::string_view text) {
  std::vector<IniSection> sections;
  while (!text.empty()) {
    auto const end = text.find_first_of("\n\r\0");
    auto const line = std::string(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.back() == '\\') throw std::runtime_error("a line goes on: " + line);
    if (line[0] == '[') {
      sections.push_back({line.substr(1, line.size() - 2), {}});
      continue;
    }
    auto const equals = line.find('=');
    if (sections.empty() || equals == std::string::npos) throw std::runtime_error("not a setting: " + line);
    sections.back().values.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return sections;
}

class NetworkdReader {
 public:
  // Links in the order of the files; a bond's members in the order of their own files.
  NetworkSettings read(std::vector<NetworkdFile> const& files) {
    for (auto const& file : files) {
      auto const sections = parse_ini(file.text);
      file.name.ends_with(".netdev") ? read_device(sections) : read_network(sections);
    }
    for (auto const& [member, master] : masters_) {
      auto& members = at(master).members.items;
      if (std::ranges::find(members, made<LinkName>(member)) == members.end())
        members.push_back(made<LinkName>(member));
    }
    for (auto const& [child, parent] : parents_) at(child).parent = made<LinkName>(parent);
    return settings_;
  }

 private:
  LinkSettings& at(std::string const& name) {
    for (auto& one : settings_.links.items)
      if (one.name.str() == name) return one;
    return settings_.links.items.emplace_back(link(name, LinkKind::ethernet));
  }
  static IniSection section(std::vector<IniSection> const& sections, std::string_view name) {
    for (auto const& one : sections)
      if (one.name == name) return one;
    return {};
  }

  void read_device(std::vector<IniSection> const& sections) {
    auto const device = section(sections, "NetDev");
    auto& one = at(device.one("Name"));
    auto const kind = device.one("Kind");
    one.kind = kind == "bond" ? LinkKind::bond : kind == "bridge" ? LinkKind::bridge : LinkKind::vlan;
    if (section(sections, "Bond").one("Mode") == "802.3ad") one.bond_mode = BondMode::lacp;
    if (auto const id = section(sections, "VLAN").one("Id"); !id.empty()) one.vlan_id.emplace().value = std::stoi(id);
  }

  void read_network(std::vector<IniSection> const& sections) {
    auto const network = section(sections, "Network"), match = section(sections, "Match");
    auto& one = at(network.one("Description").substr(std::string_view("berth ").size()));
    auto cards = match.one("MACAddress") + match.one("PermanentMACAddress");
    one.cards.items.clear();
    for (; cards.size() >= 17; cards.erase(0, 18)) one.cards.items.push_back(made<MacAddress>(cards.substr(0, 17)));
    if (auto const mtu = section(sections, "Link").one("MTUBytes"); !mtu.empty())
      one.mtu.emplace().value = std::stoi(mtu);
    one.ipv4.method = network.one("DHCP") == "ipv4" ? AddressMethod::automatic : AddressMethod::off;
    one.ipv6.method = network.one("IPv6AcceptRA") == "yes" ? AddressMethod::automatic : AddressMethod::off;
    for (auto const& address : network.all("Address")) {
      auto& side = address.contains(':') ? one.ipv6 : one.ipv4;
      side.method = AddressMethod::fixed;
      side.address = made<AddressWithPrefix>(address);
    }
    for (auto const& other : sections)
      if (other.name == "Route") {
        auto const gateway = other.one("Gateway");
        (gateway.contains(':') ? one.ipv6 : one.ipv4).gateway = made<PlainAddress>(gateway);
      }
    settings_.dns.items.clear();
    for (auto const& server : network.all("DNS")) settings_.dns.items.push_back(made<PlainAddress>(server));
    settings_.search.items.clear();
    for (auto const& domain : network.all("Domains")) settings_.search.items.push_back(made<ServerName>(domain));
    for (auto const& master : {network.one("Bond"), network.one("Bridge")})
      if (!master.empty()) masters_.emplace_back(one.name.str(), master);
    auto const name = one.name.str();
    for (auto const& child : network.all("VLAN")) parents_.emplace_back(child, name);
  }

  NetworkSettings settings_;
  std::vector<std::pair<std::string, std::string>> masters_, parents_;
};

}  // namespace berth::host::testing
