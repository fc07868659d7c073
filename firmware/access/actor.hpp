// Who acts. Made where somebody was authenticated (accounts), where a UNIX peer was identified (http), or by the
// reconcilers' framework; everything else only passes it on.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "firmware/access/permission.hpp"
#include "firmware/base/ids.hpp"

namespace berth::access {

class Actor {
 public:
  static Actor nobody() { return Actor(Kind::nobody); }
  // `session` is the one that the request came with, when it came with one.
  static Actor user(store::User const& user, std::vector<store::Membership> memberships,
                    std::optional<SessionId> session = std::nullopt);
  // A peer of the UNIX socket that is root or the panel's own user: may do everything.
  static Actor local_administrator(uid_t uid);
  static Actor reconciler(std::string_view name);

  // "user:usr_...", "local:0", "reconciler:observe-guests", "nobody": what events and jobs record.
  std::string name() const;
  bool signed_in() const { return kind_ != Kind::nobody; }
  std::optional<UserId> const& user_id() const { return user_; }
  std::optional<SessionId> const& session_id() const { return session_; }
  std::vector<store::Membership> const& memberships() const { return memberships_; }

  // Over the whole installation, whatever the tenant.
  bool may(Permission permission) const;
  // Over one tenant's things.
  bool may(Permission permission, TenantId const& tenant) const;
  // In at least one place: what GET /me lists.
  bool may_somewhere(Permission permission) const;
  std::vector<Permission> permissions() const;

 private:
  enum class Kind { nobody, user, local_administrator, reconciler };
  explicit Actor(Kind kind) : kind_(kind) {}
  Kind kind_;
  std::optional<UserId> user_;
  std::optional<SessionId> session_;
  store::UserRole role_ = store::UserRole::member;
  std::vector<store::Membership> memberships_;
  uid_t uid_ = 0;
  std::string reconciler_;
};

}  // namespace berth::access
