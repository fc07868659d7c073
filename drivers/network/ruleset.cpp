#include "drivers/network/ruleset.hpp"

#include "drivers/contract/driver.hpp"
#include "firmware/base/random.hpp"

namespace berth::network {
namespace {

using json::array;
using json::object;
using json::value;

constexpr char bridge[] = "bridge";
constexpr char inet[] = "inet";
constexpr char table_name[] = "berth";
constexpr char guest_ports[] = "bt*";

object place(char const* family) {
  return {{"family", family}, {"table", table_name}};
}

value table(char const* verb, char const* family) {
  return object{{verb, object{{"table", object{{"family", family}, {"name", table_name}}}}}};
}

value chain(char const* verb, char const* family, std::string const& name) {
  auto o = place(family);
  o["name"] = name;
  return object{{verb, object{{"chain", std::move(o)}}}};
}

value hook(char const* family, std::string const& name, char const* type, char const* at, int priority,
           char const* policy) {
  auto o = place(family);
  o["name"] = name;
  o["type"] = type;
  o["hook"] = at;
  o["prio"] = priority;
  o["policy"] = policy;
  return object{{"add", object{{"chain", std::move(o)}}}};
}

value rule(char const* family, std::string const& in_chain, array statements) {
  auto o = place(family);
  o["chain"] = in_chain;
  o["expr"] = std::move(statements);
  return object{{"add", object{{"rule", std::move(o)}}}};
}

value text(std::string const& words) {
  return json::string(words);
}

value match(value left, char const* op, value right) {
  return object{{"match", object{{"op", op}, {"left", std::move(left)}, {"right", std::move(right)}}}};
}

value payload(char const* protocol, char const* field) {
  return object{{"payload", object{{"protocol", protocol}, {"field", field}}}};
}

value meta(char const* key) {
  return object{{"meta", object{{"key", key}}}};
}

value verdict(char const* name) {
  return object{{name, nullptr}};
}
value goto_chain(std::string const& target) {
  return object{{"goto", object{{"target", target}}}};
}
value count(std::string const& counter) {
  return object{{"counter", counter}};
}

value port_map(char const* name) {
  auto o = place(bridge);
  o["name"] = name;
  o["type"] = "ifname";
  o["map"] = "verdict";
  return object{{"add", object{{"map", std::move(o)}}}};
}

value port_entry(char const* verb, char const* map, std::string const& interface, std::string const& target) {
  auto o = place(bridge);
  o["name"] = map;
  o["elem"] = array{array{interface, goto_chain(target)}};
  return object{{verb, object{{"element", std::move(o)}}}};
}

value look_up(char const* key, char const* map) {
  return object{{"vmap", object{{"key", meta(key)}, {"data", map}}}};
}

value any_of(array values) {
  return object{{"set", std::move(values)}};
}

value network_of(contract::NetworkSpec const& network) {
  return object{{"prefix", object{{"addr", network.gateway.str()}, {"len", network.prefix.value}}}};
}

void bridge_base(array& out) {
  out.push_back(table("add", bridge));
  for (auto const* map : {"from", "to", "peers"}) out.push_back(port_map(map));
  out.push_back(hook(bridge, "prerouting", "filter", "prerouting", -300, "accept"));
  out.push_back(rule(bridge, "prerouting", {look_up("iifname", "@from")}));
  out.push_back(rule(bridge, "prerouting", {match(meta("iifname"), "==", guest_ports), verdict("drop")}));
  out.push_back(chain("add", bridge, "guests"));
  out.push_back(rule(bridge, "guests", {look_up("oifname", "@peers")}));
  out.push_back(rule(bridge, "guests", {verdict("drop")}));
  out.push_back(hook(bridge, "forward", "filter", "forward", -200, "accept"));
  out.push_back(rule(
      bridge, "forward",
      {match(meta("iifname"), "==", guest_ports), match(meta("oifname"), "==", guest_ports), goto_chain("guests")}));
  out.push_back(hook(bridge, "postrouting", "filter", "postrouting", 300, "accept"));
  out.push_back(rule(bridge, "postrouting", {look_up("oifname", "@to")}));
  out.push_back(rule(bridge, "postrouting", {match(meta("oifname"), "==", guest_ports), verdict("drop")}));
}

void inet_base(array& out, contract::NetworkSpec const& network) {
  auto const from_guests = match(meta("iifname"), "==", contract::bridge_name);
  auto const to_guests = match(meta("oifname"), "==", contract::bridge_name);
  auto const answered = match(object{{"ct", object{{"key", "state"}}}}, "in", array{"established", "related"});
  out.push_back(table("add", inet));
  out.push_back(hook(inet, "input", "filter", "input", -10, "accept"));
  out.push_back(rule(inet, "input", {match(meta("iifname"), "!=", contract::bridge_name), verdict("accept")}));
  out.push_back(rule(inet, "input", {answered, verdict("accept")}));
  // DHCP before the guest has an address goes to the broadcast address; DNS only to the gateway itself.
  out.push_back(
      rule(inet, "input",
           {match(payload("udp", "sport"), "==", 68), match(payload("udp", "dport"), "==", 67), verdict("accept")}));
  for (auto const* protocol : {"udp", "tcp"})
    out.push_back(rule(inet, "input",
                       {match(payload("ip", "daddr"), "==", text(network.gateway.str())),
                        match(payload(protocol, "dport"), "==", 53), verdict("accept")}));
  out.push_back(rule(inet, "input",
                     {match(payload("ip", "daddr"), "==", text(network.gateway.str())),
                      match(payload("icmp", "type"), "==", "echo-request"),
                      object{{"limit", object{{"rate", 50}, {"per", "second"}, {"burst", 50}}}}, verdict("accept")}));
  out.push_back(rule(inet, "input", {verdict("drop")}));

  out.push_back(hook(inet, "forward", "filter", "forward", -10, "accept"));
  out.push_back(rule(inet, "forward", {to_guests, answered, verdict("accept")}));
  out.push_back(rule(inet, "forward", {to_guests, verdict("drop")}));
  // Link-local stays local: no cloud metadata address of an outer host is reached from a guest (RFC 3927 section 2.7).
  out.push_back(
      rule(inet, "forward",
           {from_guests,
            match(payload("ip", "daddr"), "==", object{{"prefix", object{{"addr", "169.254.0.0"}, {"len", 16}}}}),
            verdict("drop")}));
  if (!network.nat) out.push_back(rule(inet, "forward", {from_guests, verdict("drop")}));
  out.push_back(hook(inet, "postrouting", "nat", "postrouting", 100, "accept"));
  if (network.nat)
    out.push_back(rule(inet, "postrouting",
                       {match(payload("ip", "saddr"), "==", network_of(network)),
                        match(meta("oifname"), "!=", contract::bridge_name), verdict("masquerade")}));
}

value counter(std::string const& name, std::uint64_t packets, std::uint64_t bytes) {
  auto o = place(bridge);
  o["name"] = name;
  o["packets"] = packets;
  o["bytes"] = bytes;
  return object{{"add", object{{"counter", std::move(o)}}}};
}

value remove_counter(std::string const& name) {
  auto o = place(bridge);
  o["name"] = name;
  return object{{"delete", object{{"counter", std::move(o)}}}};
}

}  // namespace

std::string rx_counter(std::string const& interface) {
  return "rx_" + interface;
}
std::string tx_counter(std::string const& interface) {
  return "tx_" + interface;
}

std::string base_marker(contract::NetworkSpec const& network) {
  return "base_" + sha256_hex(json::serialize(base_rules(network, ""))).substr(0, 16);
}

json::array base_rules(contract::NetworkSpec const& network, std::string const& marker) {
  array out;
  for (auto const* family : {bridge, inet}) {
    out.push_back(table("add", family));  // so that the deletion always finds it
    out.push_back(table("delete", family));
  }
  bridge_base(out);
  inet_base(out, network);
  if (!marker.empty()) out.push_back(chain("add", inet, marker));
  return out;
}

json::array guest_rules(std::string const& interface, contract::NicSpec const& nic, CounterValues const& counted) {
  auto const from = "from_" + interface, to = "to_" + interface, peers = "peers_" + interface;
  auto const mac = text(nic.mac.str()), address = text(nic.address.str());
  auto const drop = verdict("drop"), accept = verdict("accept");
  array out;
  out.push_back(counter(rx_counter(interface), counted.rx_packets, counted.rx_bytes));
  out.push_back(counter(tx_counter(interface), counted.tx_packets, counted.tx_bytes));

  // Chains that stand are emptied: within one transaction no packet sees them so.
  for (auto const& name : {from, to, peers}) {
    out.push_back(chain("add", bridge, name));
    out.push_back(chain("flush", bridge, name));
  }
  out.push_back(rule(bridge, from, {match(payload("ether", "saddr"), "!=", mac), drop}));
  if (nic.peer_group.value != 0)
    out.push_back(
        rule(bridge, from, {object{{"mangle", object{{"key", meta("mark")}, {"value", nic.peer_group.value}}}}}));
  // ARP speaks for this guest alone; the address 0.0.0.0 is a probe (RFC 5227).
  out.push_back(rule(
      bridge, from,
      {match(payload("ether", "type"), "==", "arp"), match(payload("arp", "saddr ether"), "==", mac),
       match(payload("arp", "saddr ip"), "==", any_of({address, "0.0.0.0"})), count(tx_counter(interface)), accept}));
  // No guest is a DHCP server.
  out.push_back(rule(bridge, from,
                     {match(payload("ether", "type"), "==", "ip"), match(payload("udp", "sport"), "==", 67), drop}));
  out.push_back(rule(bridge, from,
                     {match(payload("ether", "type"), "==", "ip"), match(payload("ip", "saddr"), "==", address),
                      count(tx_counter(interface)), accept}));
  out.push_back(rule(bridge, from,
                     {match(payload("ip", "saddr"), "==", "0.0.0.0"), match(payload("udp", "sport"), "==", 68),
                      match(payload("udp", "dport"), "==", 67), count(tx_counter(interface)), accept}));
  out.push_back(rule(bridge, from, {drop}));  // IPv6, VLAN tags and everything else

  out.push_back(rule(bridge, to, {match(payload("ether", "type"), "==", "ip6"), drop}));
  out.push_back(rule(bridge, to, {count(rx_counter(interface)), accept}));

  if (nic.peer_group.value != 0)
    out.push_back(rule(bridge, peers, {match(meta("mark"), "==", nic.peer_group.value), accept}));
  out.push_back(rule(bridge, peers, {drop}));

  out.push_back(port_entry("add", "from", interface, from));
  out.push_back(port_entry("add", "to", interface, to));
  out.push_back(port_entry("add", "peers", interface, peers));
  return out;
}

json::array guest_removal(std::string const& interface) {
  auto const from = "from_" + interface, to = "to_" + interface, peers = "peers_" + interface;
  array out;
  out.push_back(port_entry("delete", "from", interface, from));
  out.push_back(port_entry("delete", "to", interface, to));
  out.push_back(port_entry("delete", "peers", interface, peers));
  for (auto const& name : {from, to, peers}) {
    out.push_back(chain("flush", bridge, name));
    out.push_back(chain("delete", bridge, name));
  }
  out.push_back(remove_counter(rx_counter(interface)));
  out.push_back(remove_counter(tx_counter(interface)));
  return out;
}

}  // namespace berth::network
