#include "firmware/store/pool_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

Pool read(Query& q) {
  Pool pool;
  pool.id = q.id<PoolId>();
  pool.node = q.id<NodeId>();
  pool.name = q.text();
  pool.network = q.u32();
  pool.prefix = static_cast<std::uint8_t>(q.integer());
  pool.gateway = q.u32();
  pool.dns = texts_from_json(q.text());
  pool.nat = q.boolean();
  return pool;
}

}  // namespace

Result<std::vector<Pool>> PoolStore::on_node(NodeId const& node) const {
  Query q(*scope_,
          "SELECT id, node_id, name, network, prefix, gateway, dns, nat FROM pools WHERE node_id = ? ORDER BY id");
  q << node;
  std::vector<Pool> pools;
  while (TRY(q.step())) pools.push_back(read(q));
  return pools;
}

Result<Pool> PoolStore::get(PoolId const& id) const {
  Query q(*scope_, "SELECT id, node_id, name, network, prefix, gateway, dns, nat FROM pools WHERE id = ?");
  q << id;
  if (!TRY(q.step())) return no_such("address pool");
  return read(q);
}

Result<std::vector<std::uint32_t>> PoolStore::taken(PoolId const& id) const {
  Query q(*scope_, "SELECT address FROM addresses WHERE pool_id = ? ORDER BY address");
  q << id;
  std::vector<std::uint32_t> addresses;
  while (TRY(q.step())) addresses.push_back(q.u32());
  return addresses;
}

Result<std::uint64_t> PoolStore::count_taken(PoolId const& id) const {
  Query q(*scope_, "SELECT count(*) FROM addresses WHERE pool_id = ?");
  q << id;
  TRY(q.step());
  return q.counter();
}

Result<std::optional<HeldAddress>> PoolStore::of_server(ServerId const& server) const {
  Query q(*scope_, "SELECT pool_id, address FROM addresses WHERE server_id = ?");
  q << server;
  if (!TRY(q.step())) return std::nullopt;
  HeldAddress held;
  held.pool = q.id<PoolId>();
  held.address = q.u32();
  held.server = server;
  return held;
}

Result<void> PoolStore::add(Pool const& pool) {
  {
    Query q(
        *scope_,
        "INSERT INTO pools (id, node_id, name, network, prefix, gateway, dns, nat) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    q << pool.id << pool.node << pool.name << pool.network << std::int64_t{pool.prefix} << pool.gateway
      << texts_to_json(pool.dns) << pool.nat;
    TRY(q.run());
  }
  return hold({pool.id, pool.gateway, std::nullopt});
}

Result<void> PoolStore::hold(HeldAddress const& held) {
  Query q(*scope_, "INSERT INTO addresses (pool_id, address, server_id) VALUES (?, ?, ?)");
  q << held.pool << held.address << held.server;
  if (auto done = q.run(); !done)
    return std::unexpected(named_conflict(std::move(done).error(), "address-taken", "That address is taken."));
  return {};
}

Result<void> PoolStore::release(ServerId const& server) {
  Query q(*scope_, "DELETE FROM addresses WHERE server_id = ?");
  q << server;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
