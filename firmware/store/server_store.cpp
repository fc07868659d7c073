#include "firmware/store/server_store.hpp"

#include "firmware/base/ipv4.hpp"
#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

#define BERTH_SERVER_COLUMNS                                                                                   \
  "s.id, s.tenant_id, s.node_id, s.name, s.hostname, s.kind, s.image_id, s.plan_id, s.vcpus, s.memory_bytes, " \
  "s.disk_bytes, "                                                                                             \
  "s.mac, s.wanted, s.build, s.build_reason, s.ssh_keys, s.password_crypt, s.version, s.created_ms, g.id, g.name"
#define BERTH_SERVERS \
  " FROM servers s LEFT JOIN peer_group_members m ON m.server_id = s.id LEFT JOIN peer_groups g ON g.id = m.group_id"
#define BERTH_OBSERVATION_COLUMNS                                                                                   \
  "o.server_id, o.state, o.reason, o.observed_ms, o.cpu_ns, o.rx_bytes, o.tx_bytes, o.memory_bytes, o.disk_bytes, " \
  "o.raw_cpu_ns, o.raw_rx_bytes, o.raw_tx_bytes, o.drift"
#define BERTH_LISTING                                                                       \
  "SELECT " BERTH_SERVER_COLUMNS                                                            \
  ", i.title, p.name, a.address, j.id, j.type, " BERTH_OBSERVATION_COLUMNS BERTH_SERVERS    \
  " JOIN images i ON i.id = s.image_id JOIN plans p ON p.id = s.plan_id"                    \
  " LEFT JOIN addresses a ON a.server_id = s.id AND a.server_id IS NOT NULL"                \
  " LEFT JOIN jobs j ON j.server_id = s.id AND j.state IN ('queued', 'running', 'undoing')" \
  " LEFT JOIN server_states o ON o.server_id = s.id "

std::unexpected<Error> changed_meanwhile() {
  return fail(ErrorCode::precondition_failed, "server-changed",
              "Somebody changed the server meanwhile; look at it again.");
}

Server read_server(Query& q) {
  Server server;
  server.id = q.id<ServerId>();
  server.tenant = q.id<TenantId>();
  server.node = q.id<NodeId>();
  server.name = q.text();
  server.hostname = q.text();
  server.kind = q.choice<ServerKind>();
  server.image = q.id<ImageId>();
  server.plan = q.id<PlanId>();
  server.vcpus = q.u32();
  server.memory = q.bytes();
  server.disk = q.bytes();
  server.mac = q.text();
  server.wanted = q.choice<WantedState>();
  server.build = q.choice<BuildState>();
  server.build_reason = q.text();
  server.seed.ssh_keys = texts_from_json(q.text());
  server.seed.password_crypt = q.optional(&Query::text);
  server.version = q.integer();
  server.created_at = q.moment();
  auto const group = q.optional(&Query::integer);
  auto const group_name = q.optional(&Query::text);
  if (group && group_name) server.peer_group = PeerGroup{*group, *group_name};
  return server;
}

ServerObservation read_observation(Query& q) {
  ServerObservation seen;
  seen.server = q.id<ServerId>();
  seen.state = q.choice<ObservedState>();
  seen.reason = q.text();
  seen.observed_at = q.optional(&Query::moment);
  seen.usage.cpu_ns = q.counter();
  seen.usage.rx_bytes = q.counter();
  seen.usage.tx_bytes = q.counter();
  seen.usage.memory_bytes = q.counter();
  seen.usage.disk_bytes = q.counter();
  seen.raw_cpu_ns = q.counter();
  seen.raw_rx_bytes = q.counter();
  seen.raw_tx_bytes = q.counter();
  seen.drift = q.text();
  return seen;
}

ServerListing read_listing(Query& q) {
  ServerListing listing;
  listing.server = read_server(q);
  listing.image_title = q.text();
  listing.plan_name = q.text();
  if (auto const address = q.optional(&Query::u32)) listing.address = ipv4_text(*address);
  listing.active_job = q.optional(&Query::text).value_or("");
  listing.active_job_type = q.optional(&Query::text).value_or("");
  if (q.is_null())
    listing.observation.server = listing.server.id;
  else
    listing.observation = read_observation(q);
  return listing;
}

}  // namespace

Result<Server> ServerStore::get(ServerId const& id, TenantScope const& tenants) const {
  Query q(*scope_, "SELECT " BERTH_SERVER_COLUMNS BERTH_SERVERS
                   " WHERE s.id = ?1 AND (?2 OR s.tenant_id IN (SELECT value FROM json_each(?3)))");
  q << id << tenants.all() << tenants.json();
  if (!TRY(q.step())) return no_such("server");
  return read_server(q);
}

Result<ServerListing> ServerStore::listing(ServerId const& id, TenantScope const& tenants) const {
  Query q(*scope_, BERTH_LISTING "WHERE s.id = ?1 AND (?2 OR s.tenant_id IN (SELECT value FROM json_each(?3)))");
  q << id << tenants.all() << tenants.json();
  if (!TRY(q.step())) return no_such("server");
  return read_listing(q);
}

Result<Page<ServerListing>> ServerStore::page(TenantScope const& tenants, PageWish const& wish) const {
  Query q(*scope_, BERTH_LISTING
          "WHERE s.id > ?1 AND (?2 OR s.tenant_id IN (SELECT value FROM json_each(?3))) ORDER BY s.id LIMIT ?4");
  q << wish.after << tenants.all() << tenants.json() << wish.limit + 1;
  Page<ServerListing> page;
  page.items.reserve(wish.limit);
  while (TRY(q.step())) {
    if (page.items.size() == wish.limit) {
      page.next_cursor = page.items.back().server.id.str();
      break;
    }
    page.items.push_back(read_listing(q));
  }
  return page;
}

Result<bool> ServerStore::name_taken(TenantId const& tenant, std::string_view name) const {
  Query q(*scope_, "SELECT 1 FROM servers WHERE tenant_id = ? AND name = ?");
  q << tenant << name;
  return q.step();
}

Result<bool> ServerStore::mac_taken(NodeId const& node, std::string_view mac) const {
  Query q(*scope_, "SELECT 1 FROM servers WHERE node_id = ? AND mac = ?");
  q << node << mac;
  return q.step();
}

Result<std::vector<Server>> ServerStore::on_node(NodeId const& node) const {
  Query q(*scope_, "SELECT " BERTH_SERVER_COLUMNS BERTH_SERVERS " WHERE s.node_id = ? ORDER BY s.id");
  q << node;
  std::vector<Server> servers;
  while (TRY(q.step())) servers.push_back(read_server(q));
  return servers;
}

Result<Bytes> ServerStore::memory_promised(NodeId const& node) const {
  Query q(*scope_, "SELECT coalesce(sum(memory_bytes), 0) FROM servers WHERE node_id = ?");
  q << node;
  TRY(q.step());
  return q.bytes();
}

Result<std::vector<ServerObservation>> ServerStore::observations(NodeId const& node) const {
  Query q(*scope_,
          "SELECT " BERTH_OBSERVATION_COLUMNS
          " FROM server_states o JOIN servers s ON s.id = o.server_id WHERE s.node_id = ? ORDER BY o.server_id");
  q << node;
  std::vector<ServerObservation> all;
  while (TRY(q.step())) all.push_back(read_observation(q));
  return all;
}

Result<ServerObservation> ServerStore::observation(ServerId const& id) const {
  Query q(*scope_, "SELECT " BERTH_OBSERVATION_COLUMNS " FROM server_states o WHERE o.server_id = ?");
  q << id;
  if (TRY(q.step())) return read_observation(q);
  ServerObservation nothing;
  nothing.server = id;
  return nothing;
}

Result<void> ServerStore::add(Server const& s) {
  Query q(*scope_,
          "INSERT INTO servers (id, tenant_id, node_id, name, hostname, kind, image_id, plan_id, vcpus, memory_bytes, "
          "disk_bytes, mac, wanted, build, build_reason, ssh_keys, password_crypt, version, created_ms) "
          "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  q << s.id << s.tenant << s.node << s.name << s.hostname << s.kind << s.image << s.plan << s.vcpus << s.memory
    << s.disk << s.mac << s.wanted << s.build << s.build_reason << texts_to_json(s.seed.ssh_keys)
    << s.seed.password_crypt << s.version << s.created_at;
  if (auto done = q.run(); !done)
    return std::unexpected(
        named_conflict(std::move(done).error(), "server-name-taken", "There is a server of that name already."));
  return {};
}

Result<Server> ServerStore::rename(ServerId const& id, TenantScope const& tenants, std::string_view name,
                                   std::int64_t expected_version) {
  auto server = TRY(get(id, tenants));
  if (server.version != expected_version) return changed_meanwhile();
  Query q(*scope_, "UPDATE servers SET name = ?, version = version + 1 WHERE id = ?");
  q << name << id;
  if (auto done = q.run(); !done)
    return std::unexpected(
        named_conflict(std::move(done).error(), "server-name-taken", "There is a server of that name already."));
  server.name = std::string(name);
  ++server.version;
  return server;
}

Result<Server> ServerStore::touch(ServerId const& id, TenantScope const& tenants, std::int64_t expected_version) {
  auto server = TRY(get(id, tenants));
  if (server.version != expected_version) return changed_meanwhile();
  Query q(*scope_, "UPDATE servers SET version = version + 1 WHERE id = ?");
  q << id;
  TRY(q.run());
  ++server.version;
  return server;
}

Result<void> ServerStore::set_wanted(ServerId const& id, WantedState wanted) {
  Query q(*scope_, "UPDATE servers SET wanted = ? WHERE id = ?");
  q << wanted << id;
  TRY(q.run());
  return {};
}

Result<void> ServerStore::set_build(ServerId const& id, BuildState build, std::string_view reason) {
  Query q(*scope_, "UPDATE servers SET build = ?, build_reason = ? WHERE id = ?");
  q << build << reason << id;
  TRY(q.run());
  return {};
}

Result<void> ServerStore::observe(ServerObservation const& o) {
  Query q(
      *scope_,
      "INSERT INTO server_states (server_id, state, reason, observed_ms, cpu_ns, rx_bytes, tx_bytes, memory_bytes, "
      "disk_bytes, "
      "raw_cpu_ns, raw_rx_bytes, raw_tx_bytes, drift) SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 "
      "FROM servers WHERE id = ?1 "
      "ON CONFLICT (server_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, observed_ms = "
      "excluded.observed_ms, "
      "cpu_ns = excluded.cpu_ns, rx_bytes = excluded.rx_bytes, tx_bytes = excluded.tx_bytes, memory_bytes = "
      "excluded.memory_bytes, "
      "disk_bytes = excluded.disk_bytes, raw_cpu_ns = excluded.raw_cpu_ns, raw_rx_bytes = excluded.raw_rx_bytes, "
      "raw_tx_bytes = excluded.raw_tx_bytes, drift = excluded.drift");
  q << o.server << o.state << o.reason << o.observed_at << o.usage.cpu_ns << o.usage.rx_bytes << o.usage.tx_bytes
    << o.usage.memory_bytes << o.usage.disk_bytes << o.raw_cpu_ns << o.raw_rx_bytes << o.raw_tx_bytes << o.drift;
  TRY(q.run());
  return {};
}

Result<void> ServerStore::remove(ServerId const& id) {
  Query q(*scope_, "DELETE FROM servers WHERE id = ?");
  q << id;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
