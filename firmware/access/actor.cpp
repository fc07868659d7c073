#include "firmware/access/actor.hpp"

#include <algorithm>

namespace berth::access {

Actor Actor::user(store::User const& user, std::vector<store::Membership> memberships,
                  std::optional<SessionId> session) {
  if (user.disabled) return nobody();
  Actor actor(Kind::user);
  actor.user_ = user.id;
  actor.role_ = user.role;
  actor.memberships_ = std::move(memberships);
  actor.session_ = std::move(session);
  return actor;
}

Actor Actor::local_administrator(uid_t uid) {
  Actor actor(Kind::local_administrator);
  actor.uid_ = uid;
  return actor;
}

Actor Actor::reconciler(std::string_view name) {
  Actor actor(Kind::reconciler);
  actor.reconciler_ = std::string(name);
  return actor;
}

std::string Actor::name() const {
  switch (kind_) {
    case Kind::nobody:
      return "nobody";
    case Kind::user:
      return "user:" + user_->str();
    case Kind::local_administrator:
      return "local:" + std::to_string(uid_);
    case Kind::reconciler:
      return "reconciler:" + reconciler_;
  }
  return "nobody";
}

bool Actor::may(Permission permission) const {
  switch (kind_) {
    case Kind::nobody:
      return false;
    case Kind::user:
      return allows(role_, permission);
    case Kind::local_administrator:
      return true;
    case Kind::reconciler:
      return reconciler_allows(reconciler_, permission);
  }
  return false;
}

bool Actor::may(Permission permission, TenantId const& tenant) const {
  if (may(permission)) return true;
  return std::ranges::any_of(
      memberships_, [&](store::Membership const& m) { return m.tenant == tenant && allows(m.role, permission); });
}

bool Actor::may_somewhere(Permission permission) const {
  return may(permission) ||
         std::ranges::any_of(memberships_, [&](store::Membership const& m) { return allows(m.role, permission); });
}

std::vector<Permission> Actor::permissions() const {
  std::vector<Permission> held;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Permission>>([&](auto d) {
    if (may_somewhere(d.value)) held.push_back(d.value);
  });
  return held;
}

}  // namespace berth::access
