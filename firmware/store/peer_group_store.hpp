// Peer groups: which servers of one tenant may talk to each other. A group is there while a server is in it, or may
// have to go back to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/tenant_scope.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct PeerGroup {
  std::int64_t id = 0;  // 1 to 2^31 - 1, never used again: what the engine knows the group by
  std::string name;
};

struct PeerGroupMember {
  std::string group;
  ServerId server;
  std::string name;
  std::string address;  // "" when it has none
};

class PeerGroupStore {
 public:
  explicit PeerGroupStore(TransactionScope& scope) : scope_(&scope) {}

  // By group, then by name.
  Result<std::vector<PeerGroupMember>> members(TenantScope const& tenants) const;
  // What the server goes back to when the change under way fails; nullopt: to no group.
  Result<std::optional<PeerGroup>> before(ServerId const& server) const;

  // The tenant's group of that name, made when there is none.
  Result<PeerGroup> find_or_add(TenantId const& tenant, std::string_view name);
  // A fresh server's group: nothing was there before.
  Result<void> join(ServerId const& server, TenantId const& tenant, PeerGroup const& group);
  // Begins a change: the present group is remembered until keep() or take_back(). nullopt: out of every group.
  Result<void> change(ServerId const& server, TenantId const& tenant, std::optional<PeerGroup> const& group);
  // The change is made.
  Result<void> keep(ServerId const& server);
  // The change is not made.
  Result<void> take_back(ServerId const& server);
  // Forgets the tenant's groups that nobody is in and nobody may go back to.
  Result<void> remove_unused(TenantId const& tenant);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
