#include "firmware/services/compute/peer_groups.hpp"

namespace berth::compute {
namespace {

Result<std::vector<PeerGroupView>> of_tenant(Call& call, TenantId const& tenant) {
  auto members =
      TRY(call.read([&](store::Snapshot& s) { return s.peer_groups.members(store::TenantScope::one(tenant)); }));
  std::vector<PeerGroupView> groups;
  for (auto& member : members) {
    if (groups.empty() || groups.back().name != member.group) groups.push_back({member.group, {}});
    groups.back().members.push_back(std::move(member));
  }
  return groups;
}

}  // namespace

Result<std::vector<PeerGroupView>> list_peer_groups(Call& call, Granted<store::Tenant> const& tenant) {
  return of_tenant(call, tenant->id);
}

Result<std::vector<PeerGroupView>> list_peer_groups(Call& call, Granted<store::Server> const& server) {
  return of_tenant(call, server->tenant);
}

}  // namespace berth::compute
