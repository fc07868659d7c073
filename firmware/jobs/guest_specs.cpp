#include "firmware/jobs/guest_specs.hpp"

#include <algorithm>
#include <format>

#include "firmware/base/ipv4.hpp"

namespace berth::jobs {
namespace {

template <class N>
Result<N> bounded(std::uint64_t value, std::string_view what) {
  if (value > static_cast<std::uint64_t>(N::max) || (N::min > 0 && value < static_cast<std::uint64_t>(N::min)))
    return fail(ErrorCode::invalid_argument, "out-of-bounds",
                std::format("{} is outside what the engine takes.", what));
  return N{static_cast<std::int64_t>(value)};
}

contract::GuestKind kind(store::ServerKind kind) {
  return kind == store::ServerKind::vm ? contract::GuestKind::vm : contract::GuestKind::container;
}

// What a counter gained since it was read as `before`: all of it when it began anew in between.
std::uint64_t gained(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

template <class AnId>
std::optional<AnId> id_of_dashed(std::string_view uuid) {
  std::string hex(uuid);
  std::erase(hex, '-');
  auto id = AnId::parse(std::string(AnId::prefix) + "_" + hex);
  return id && dashed_uuid(id->uuid_hex()) == uuid ? std::optional(*std::move(id)) : std::nullopt;
}

}  // namespace

Result<ServerFacts> server_facts(store::Snapshot& snapshot, ServerId const& id) {
  ServerFacts facts;
  // Jobs were asked for by somebody whose right was checked then; they act for any tenant.
  facts.server = TRY(snapshot.servers.get(id, store::TenantScope::all_tenants_for_staff()));
  auto const held = TRY(snapshot.pools.of_server(id));
  if (!held) return fail(ErrorCode::not_found, "no-address", "The server has no address.");
  facts.address = held->address;
  facts.pool = TRY(snapshot.pools.get(held->pool));
  return facts;
}

// An id of ours always fits: the dashed form of a UUID.
contract::GuestId guest_id(ServerId const& server) {
  return contract::GuestId::parse(dashed_uuid(server.uuid_hex())).value();
}
std::optional<ServerId> server_of(std::string_view guest) {
  return id_of_dashed<ServerId>(guest);
}
std::optional<ImageId> image_of(std::string_view name) {
  return id_of_dashed<ImageId>(name);
}
Result<bool> image_is_done_with(store::Snapshot& snapshot, ImageId const& id) {
  auto const image = snapshot.images.find(id.str());
  if (!image && image.error().code != ErrorCode::not_found) return std::unexpected(image.error());
  if (!image) return true;
  if (image->state == store::ImageState::importing) return false;
  if (std::ranges::contains(TRY(snapshot.images.all()), id, &store::Image::id)) return false;
  return !std::ranges::contains(TRY(snapshot.servers.on_node(image->node)), id, &store::Server::image);
}
contract::ImageName image_name(ImageId const& image) {
  return contract::ImageName::parse(dashed_uuid(image.uuid_hex())).value();
}

Result<contract::NetworkSpec> network_spec(store::Pool const& pool) {
  contract::NetworkSpec spec;
  spec.gateway = TRY(contract::Ipv4::parse(ipv4_text(pool.gateway)));
  spec.prefix = TRY(bounded<decltype(spec.prefix)>(pool.prefix, "The pool's prefix"));
  spec.nat = pool.nat;
  return spec;
}

Result<contract::CreateDisk> disk_spec(store::Server const& server) {
  contract::CreateDisk spec;
  spec.guest = guest_id(server.id);
  spec.kind = kind(server.kind);
  spec.image = image_name(server.image);
  spec.size_bytes = TRY(bounded<contract::DiskSize>(server.disk.count, "The disk's size"));
  return spec;
}

Result<contract::NicSpec> nic_spec(ServerFacts const& facts) {
  contract::NicSpec nic;
  nic.mac = TRY(contract::MacAddress::parse(facts.server.mac));
  nic.address = TRY(contract::Ipv4::parse(ipv4_text(facts.address)));
  nic.prefix = TRY(bounded<decltype(nic.prefix)>(facts.pool.prefix, "The pool's prefix"));
  nic.gateway = TRY(contract::Ipv4::parse(ipv4_text(facts.pool.gateway)));
  if (facts.server.peer_group)
    nic.peer_group = TRY(bounded<decltype(nic.peer_group)>(static_cast<std::uint64_t>(facts.server.peer_group->id),
                                                           "The peer group's number"));
  for (auto const& dns : facts.pool.dns) nic.dns.items.push_back(TRY(contract::Ipv4::parse(dns)));
  return nic;
}

Result<contract::GuestSpec> guest_spec(ServerFacts const& facts) {
  auto const& server = facts.server;
  contract::GuestSpec spec;
  spec.guest = guest_id(server.id);
  spec.kind = kind(server.kind);
  spec.image = image_name(server.image);
  spec.hostname = TRY(contract::Hostname::parse(server.hostname));
  spec.vcpus = TRY(bounded<decltype(spec.vcpus)>(server.vcpus, "The number of processors"));
  spec.memory_bytes = TRY(bounded<decltype(spec.memory_bytes)>(server.memory.count, "The memory's size"));
  spec.disk_bytes = TRY(bounded<contract::DiskSize>(server.disk.count, "The disk's size"));
  spec.nic = TRY(nic_spec(facts));
  for (auto const& key : server.seed.ssh_keys)
    spec.seed.ssh_keys.items.push_back(TRY(decltype(spec.seed.ssh_keys.items)::value_type::parse(key)));
  if (server.seed.password_crypt)
    spec.seed.password_crypt = TRY(decltype(spec.seed.password_crypt)::value_type::parse(*server.seed.password_crypt));
  return spec;
}

store::ObservedState observed(contract::GuestState state) {
  switch (state) {
    case contract::GuestState::absent:
      return store::ObservedState::absent;
    case contract::GuestState::stopped:
      return store::ObservedState::stopped;
    case contract::GuestState::starting:
      return store::ObservedState::starting;
    case contract::GuestState::running:
      return store::ObservedState::running;
    case contract::GuestState::paused:
      return store::ObservedState::paused;
    case contract::GuestState::stopping:
      return store::ObservedState::stopping;
    case contract::GuestState::crashed:
      return store::ObservedState::crashed;
  }
  return store::ObservedState::unknown;
}

store::ServerObservation observe(store::ServerObservation const& before, contract::GuestStatus const& status,
                                 Moment now) {
  auto seen = before;
  seen.state = observed(status.state);
  seen.reason = status.reason;
  seen.observed_at = now;
  seen.usage.cpu_ns += gained(before.raw_cpu_ns, status.cpu_ns);
  seen.usage.rx_bytes += gained(before.raw_rx_bytes, status.rx_bytes);
  seen.usage.tx_bytes += gained(before.raw_tx_bytes, status.tx_bytes);
  seen.usage.memory_bytes = status.memory_bytes;
  seen.usage.disk_bytes = status.disk_bytes;
  seen.raw_cpu_ns = status.cpu_ns;
  seen.raw_rx_bytes = status.rx_bytes;
  seen.raw_tx_bytes = status.tx_bytes;
  return seen;
}

}  // namespace berth::jobs
