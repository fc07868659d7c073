#include "drivers/network/nft_network.hpp"

#include <arpa/inet.h>

#include "drivers/network/links.hpp"
#include "firmware/base/log.hpp"

namespace berth::network {
namespace {

using contract::GuestId;
using contract::NetworkSpec;
using contract::NicSpec;

// One listing serves the figures of all guests asked for within this time.
constexpr auto counters_fresh_for = std::chrono::milliseconds(250);

std::uint32_t host_order(contract::Ipv4 const& address) {
  in_addr parsed{};
  inet_pton(AF_INET, address.str().c_str(), &parsed);
  return ntohl(parsed.s_addr);
}

bool is_ipv4(std::string_view text) {
  in_addr parsed{};
  return inet_pton(AF_INET, std::string(text).c_str(), &parsed) == 1;
}

bool same(NetworkSpec const& a, NetworkSpec const& b) {
  return write_json(a) == write_json(b);
}
bool same(NicSpec const& a, NicSpec const& b) {
  return write_json(a) == write_json(b);
}

Result<std::string> interface_of(GuestId const& guest) {
  if (!contract::is_guest_id(guest)) return fail_field("/guest", "is not a guest identifier");
  return contract::interface_name(guest);
}

}  // namespace

NftNetwork::NftNetwork(contract::Directories const& directories)
    : store_(directories.state / "network"), resolver_(directories.runtime / "network") {}

Result<void> NftNetwork::restore() {
  std::scoped_lock lock(mutex_);
  TRY(store_.load());
  if (!store_.network()) return {};
  TRY(establish(*store_.network()));
  return add_missing_rules();
}

// connect() keeps what it was told before it makes the rules: an engine that ended in between left a guest without any.
Result<void> NftNetwork::add_missing_rules() {
  TRY(refresh_counters());
  json::array commands;
  for (auto const& [guest, nic] : store_.nics()) {
    auto const interface = TRY(interface_of(TRY(GuestId::parse(guest))));
    if (counted_.contains(interface)) continue;
    for (auto& command : guest_rules(interface, nic, {})) commands.push_back(std::move(command));
  }
  return commands.empty() ? Result<void>{} : nft_.apply(std::move(commands));
}

Result<void> NftNetwork::take_down() {
  std::scoped_lock lock(mutex_);
  TRY(resolver_.stop());
  json::array away;
  for (auto const* family : {"bridge", "inet"})
    for (auto const* verb : {"add", "delete"})  // added first, so that the deletion finds it
      away.push_back(
          json::object{{verb, json::object{{"table", json::object{{"family", family}, {"name", "berth"}}}}}});
  TRY(nft_.apply(std::move(away)));
  counted_.clear();
  return remove_link(contract::bridge_name);
}

Result<void> NftNetwork::establish(NetworkSpec const& network) {
  TRY(ensure_bridge(contract::bridge_name, network));
  TRY(keep_bridged_frames_apart());
  if (network.nat) TRY(enable_forwarding());
  TRY(install_rules(network));
  TRY(resolver_.ensure(network));
  for (auto const& [guest, nic] : store_.nics()) TRY(resolver_.add(guest, nic));
  return {};
}

Result<bool> NftNetwork::has_chain(std::string const& name) {
  auto found = nft_.list({{"chain", json::object{{"family", "inet"}, {"table", "berth"}, {"name", name}}}});
  if (found) return true;
  if (found.error().code == ErrorCode::not_found) return false;
  return std::unexpected(std::move(found).error());
}

Result<void> NftNetwork::install_rules(NetworkSpec const& network) {
  auto const marker = base_marker(network);
  if (TRY(has_chain(marker))) return {};
  // Without tables there is nothing to carry over, which is no error.
  if (auto read = refresh_counters(); !read && read.error().code != ErrorCode::not_found) return read;
  auto commands = base_rules(network, marker);
  for (auto const& [guest, nic] : store_.nics()) {
    auto const interface = TRY(interface_of(TRY(GuestId::parse(guest))));
    auto const at = counted_.find(interface);
    for (auto& command : guest_rules(interface, nic, at == counted_.end() ? CounterValues{} : at->second))
      commands.push_back(std::move(command));
  }
  return nft_.apply(std::move(commands));
}

Result<void> NftNetwork::ensure_network(NetworkSpec const& network) {
  if (!is_ipv4(network.gateway)) return fail_field("/network/gateway", "is not an IPv4 address");
  std::scoped_lock lock(mutex_);
  auto const changed = !store_.network() || !same(*store_.network(), network);
  if (changed && !store_.nics().empty())
    return fail(ErrorCode::conflict, "network-in-use", "The network cannot change while guests are connected to it.");
  if (changed && store_.network()) TRY(remove_link(contract::bridge_name));  // its old address goes with it
  if (changed) TRY(store_.keep_network(network));
  if (changed) TRY(resolver_.stop());
  return establish(network);
}

Result<void> NftNetwork::check_nic(std::string const& guest, NicSpec const& nic) const {
  if (!store_.network()) return fail(ErrorCode::conflict, "no-network", "The guests' network has not been set up.");
  if (!contract::is_mac(nic.mac)) return fail_field("/nic/mac", "is not a locally administered unicast MAC address");
  if (!is_ipv4(nic.address)) return fail_field("/nic/address", "is not an IPv4 address");
  if (!is_ipv4(nic.gateway)) return fail_field("/nic/gateway", "is not an IPv4 address");
  for (auto const& server : nic.dns)
    if (!is_ipv4(server)) return fail_field("/nic/dns", "is not a list of IPv4 addresses");
  auto const& network = *store_.network();
  auto const mask = ~std::uint32_t{0} << (32 - network.prefix.value);
  auto const address = host_order(nic.address);
  if ((address & mask) != (host_order(network.gateway) & mask) || address == host_order(network.gateway) ||
      (address & ~mask) == 0 || (address & ~mask) == ~mask)
    return fail_field("/nic/address", "is not a guest's address of this network");
  for (auto const& [other, held] : store_.nics()) {
    if (other == guest) continue;
    if (held.mac == nic.mac) return fail(ErrorCode::conflict, "mac-taken", "Another guest has this MAC address.");
    if (held.address == nic.address)
      return fail(ErrorCode::conflict, "address-taken", "Another guest has this IP address.");
  }
  return {};
}

Result<void> NftNetwork::connect(GuestId const& guest, NicSpec const& nic) {
  auto const interface = TRY(interface_of(guest));
  std::scoped_lock lock(mutex_);
  TRY(check_nic(guest.str(), nic));
  auto const held = store_.nics().find(guest.str());
  auto const before = held == store_.nics().end() ? std::nullopt : std::optional(held->second);
  // Kept first: rules without a file would survive nothing; a file without its rules is mended by repeating this call,
  // which is why the rules are written even when nothing changed.
  if (!before || !same(*before, nic)) TRY(store_.keep(guest.str(), nic));
  if (auto applied = nft_.apply(guest_rules(interface, nic)); !applied) {
    if (before)
      TRY(store_.keep(guest.str(), *before));
    else
      TRY(store_.forget(guest.str()));
    return applied;
  }
  return resolver_.add(guest.str(), nic);
}

Result<void> NftNetwork::disconnect(GuestId const& guest) {
  auto const interface = TRY(interface_of(guest));
  std::scoped_lock lock(mutex_);
  if (!store_.nics().contains(guest.str())) return {};
  TRY(remove_link(interface));
  if (auto removed = nft_.apply(guest_removal(interface)); !removed && removed.error().code != ErrorCode::not_found)
    return removed;
  if (store_.network()) TRY(resolver_.remove(guest.str(), *store_.network()));
  counted_.erase(interface);
  return store_.forget(guest.str());
}

Result<void> NftNetwork::plug_namespace(GuestId const& guest, int netns) {
  auto const interface = TRY(interface_of(guest));
  std::scoped_lock lock(mutex_);
  auto const held = store_.nics().find(guest.str());
  if (held == store_.nics().end())
    return fail(ErrorCode::conflict, "not-connected", "The guest has no network connection yet.");
  return plug(interface, contract::bridge_name, netns, held->second);
}

Result<void> NftNetwork::refresh_counters() {
  auto const items = TRY(nft_.list({{"counters", json::object{{"family", "bridge"}, {"table", "berth"}}}}));
  std::map<std::string, CounterValues> fresh;
  for (auto const& item : items) {
    auto const* counter = item.is_object() ? item.as_object().if_contains("counter") : nullptr;
    if (counter == nullptr || !counter->is_object()) continue;
    auto const& o = counter->as_object();
    auto const* name = o.if_contains("name");
    auto const* packets = o.if_contains("packets");
    auto const* bytes = o.if_contains("bytes");
    if (name == nullptr || !name->is_string() || packets == nullptr || bytes == nullptr) continue;
    std::string_view const text = name->as_string();
    if (text.size() < 4) continue;
    auto& values = fresh[std::string(text.substr(3))];
    bool const rx = text.starts_with("rx_");
    (rx ? values.rx_packets : values.tx_packets) = packets->to_number<std::uint64_t>();
    (rx ? values.rx_bytes : values.tx_bytes) = bytes->to_number<std::uint64_t>();
  }
  counted_ = std::move(fresh);
  counted_at_ = std::chrono::steady_clock::now();
  return {};
}

Result<void> NftNetwork::look_after() {
  // "nft flush ruleset" by hand or by a firewall script takes everything, and guests would be neither held back nor let out.
  auto read = refresh_counters();
  if (!read && read.error().code == ErrorCode::not_found) {
    log(LogLevel::warning, "network", "the guests' rules were gone from the kernel; making them again");
    TRY(install_rules(*store_.network()));
    TRY(refresh_counters());
  } else if (!read) {
    return read;
  }
  if (auto ensured = resolver_.ensure(*store_.network()); !ensured)
    log(LogLevel::warning, "network", describe(ensured.error()));
  return {};
}

Result<contract::NicCounters> NftNetwork::counters(GuestId const& guest) {
  auto const interface = TRY(interface_of(guest));
  std::scoped_lock lock(mutex_);
  if (!store_.nics().contains(guest.str())) return contract::NicCounters{};
  if (!counted_.contains(interface) || std::chrono::steady_clock::now() - counted_at_ > counters_fresh_for)
    TRY(look_after());
  auto const& values = counted_[interface];
  return contract::NicCounters{values.rx_bytes, values.tx_bytes};
}

Result<std::vector<std::string>> NftNetwork::connected_guests() {
  std::scoped_lock lock(mutex_);
  std::vector<std::string> out;
  for (auto const& [guest, unused] : store_.nics()) out.push_back(guest);
  return out;
}

}  // namespace berth::network
