#include "firmware/store/peer_group_store.hpp"

#include "firmware/base/ipv4.hpp"
#include "firmware/store/query.hpp"

namespace berth::store {
namespace {

std::optional<std::int64_t> number_of(std::optional<PeerGroup> const& group) {
  return group ? std::optional(group->id) : std::nullopt;
}

}  // namespace

Result<std::vector<PeerGroupMember>> PeerGroupStore::members(TenantScope const& tenants) const {
  Query q(*scope_,
          "SELECT g.name, s.id, s.name, a.address FROM peer_groups g JOIN peer_group_members m ON m.group_id = g.id "
          "JOIN servers s ON s.id = m.server_id LEFT JOIN addresses a ON a.server_id = s.id "
          "WHERE ?1 OR g.tenant_id IN (SELECT value FROM json_each(?2)) ORDER BY g.name, g.id, s.name, s.id");
  q << tenants.all() << tenants.json();
  std::vector<PeerGroupMember> all;
  while (TRY(q.step())) {
    PeerGroupMember member;
    member.group = q.text();
    member.server = q.id<ServerId>();
    member.name = q.text();
    if (auto const address = q.optional(&Query::u32)) member.address = ipv4_text(*address);
    all.push_back(std::move(member));
  }
  return all;
}

Result<std::optional<PeerGroup>> PeerGroupStore::before(ServerId const& server) const {
  Query q(*scope_,
          "SELECT g.id, g.name FROM peer_group_members m JOIN peer_groups g ON g.id = m.before_id "
          "WHERE m.server_id = ?");
  q << server;
  if (!TRY(q.step())) return std::nullopt;
  auto const id = q.integer();
  return PeerGroup{id, q.text()};
}

Result<PeerGroup> PeerGroupStore::find_or_add(TenantId const& tenant, std::string_view name) {
  {
    Query q(*scope_,
            "INSERT INTO peer_groups (tenant_id, name) VALUES (?, ?) ON CONFLICT (tenant_id, name) DO NOTHING");
    q << tenant << name;
    TRY(q.run());
  }
  Query q(*scope_, "SELECT id FROM peer_groups WHERE tenant_id = ? AND name = ?");
  q << tenant << name;
  if (!TRY(q.step())) return fail(ErrorCode::internal, "peer-group-lost", "The peer group was not kept.");
  return PeerGroup{q.integer(), std::string(name)};
}

Result<void> PeerGroupStore::join(ServerId const& server, TenantId const& tenant, PeerGroup const& group) {
  Query q(*scope_, "INSERT INTO peer_group_members (server_id, tenant_id, group_id) VALUES (?, ?, ?)");
  q << server << tenant << group.id;
  TRY(q.run());
  return {};
}

Result<void> PeerGroupStore::change(ServerId const& server, TenantId const& tenant,
                                    std::optional<PeerGroup> const& group) {
  std::optional<std::int64_t> present;
  {
    Query q(*scope_, "SELECT group_id FROM peer_group_members WHERE server_id = ?");
    q << server;
    if (TRY(q.step())) present = q.optional(&Query::integer);
  }
  {
    Query q(*scope_, "DELETE FROM peer_group_members WHERE server_id = ?");
    q << server;
    TRY(q.run());
  }
  if (!present && !group) return {};
  Query q(*scope_, "INSERT INTO peer_group_members (server_id, tenant_id, group_id, before_id) VALUES (?, ?, ?, ?)");
  q << server << tenant << number_of(group) << present;
  TRY(q.run());
  return {};
}

Result<void> PeerGroupStore::keep(ServerId const& server) {
  Query out(*scope_, "DELETE FROM peer_group_members WHERE server_id = ? AND group_id IS NULL");
  out << server;
  TRY(out.run());
  Query in(*scope_, "UPDATE peer_group_members SET before_id = NULL WHERE server_id = ?");
  in << server;
  TRY(in.run());
  return {};
}

Result<void> PeerGroupStore::take_back(ServerId const& server) {
  Query out(*scope_, "DELETE FROM peer_group_members WHERE server_id = ? AND before_id IS NULL");
  out << server;
  TRY(out.run());
  Query back(*scope_, "UPDATE peer_group_members SET group_id = before_id, before_id = NULL WHERE server_id = ?");
  back << server;
  TRY(back.run());
  return {};
}

Result<void> PeerGroupStore::remove_unused(TenantId const& tenant) {
  Query q(*scope_,
          "DELETE FROM peer_groups WHERE tenant_id = ?1 AND NOT EXISTS (SELECT 1 FROM peer_group_members m "
          "WHERE m.group_id = peer_groups.id OR m.before_id = peer_groups.id)");
  q << tenant;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
