#include "firmware/store/tenant_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

Tenant read(Query& q) {
  Tenant tenant;
  tenant.id = q.id<TenantId>();
  tenant.name = q.text();
  tenant.created_at = q.moment();
  return tenant;
}

Result<void> insert(TransactionScope& scope, Tenant const& tenant, bool house) {
  Query q(scope, "INSERT INTO tenants (id, name, house, created_ms) VALUES (?, ?, ?, ?)");
  q << tenant.id << tenant.name << house << tenant.created_at;
  TRY(q.run());
  return {};
}

}  // namespace

Result<Tenant> TenantStore::get(TenantId const& id) const {
  Query q(*scope_, "SELECT id, name, created_ms FROM tenants WHERE id = ?");
  q << id;
  if (!TRY(q.step())) return no_such("tenant");
  return read(q);
}

Result<Tenant> TenantStore::house() const {
  Query q(*scope_, "SELECT id, name, created_ms FROM tenants WHERE house = 1");
  if (!TRY(q.step())) return no_such("tenant");
  return read(q);
}

Result<std::vector<Membership>> TenantStore::memberships(UserId const& user) const {
  Query q(*scope_, "SELECT tenant_id, role FROM members WHERE user_id = ? ORDER BY tenant_id");
  q << user;
  std::vector<Membership> all;
  while (TRY(q.step())) {
    Membership membership;
    membership.tenant = q.id<TenantId>();
    membership.role = q.choice<MemberRole>();
    all.push_back(std::move(membership));
  }
  return all;
}

Result<void> TenantStore::add(Tenant const& tenant) {
  return insert(*scope_, tenant, false);
}
Result<void> TenantStore::add_house(Tenant const& tenant) {
  return insert(*scope_, tenant, true);
}

Result<void> TenantStore::add_member(TenantId const& tenant, UserId const& user, MemberRole role) {
  Query q(*scope_,
          "INSERT INTO members (tenant_id, user_id, role) VALUES (?, ?, ?) "
          "ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role");
  q << tenant << user << role;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
