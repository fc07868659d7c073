// Tenants (organisations) and their members. The first one is the house: the operator's own.
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

enum class MemberRole { owner, admin, support, member };
BOOST_DESCRIBE_ENUM(MemberRole, owner, admin, support, member)

struct Tenant {
  TenantId id;
  std::string name;
  Moment created_at;
};

struct Membership {
  TenantId tenant;
  MemberRole role = MemberRole::member;
};

class TenantStore {
 public:
  explicit TenantStore(TransactionScope& scope) : scope_(&scope) {}
  Result<Tenant> get(TenantId const& id) const;  // Errors: not_found
  Result<Tenant> house() const;
  Result<std::vector<Membership>> memberships(UserId const& user) const;

  Result<void> add(Tenant const& tenant);
  Result<void> add_house(Tenant const& tenant);  // Errors: conflict when there is one
  Result<void> add_member(TenantId const& tenant, UserId const& user, MemberRole role);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
