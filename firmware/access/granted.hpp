// The permission check returns the thing asked for. A Granted<T> cannot be made outside access/, so a handler or
// service that demands one cannot be called without a check.
//
// What the caller may not even see is not_found; what it sees but may not do is forbidden. A caller who is nobody is
// unauthenticated. The thing is as it was when it was granted: a service that decides on it reads it again in its
// own transaction.
#pragma once

#include <utility>

#include "firmware/access/actor.hpp"
#include "firmware/access/permission.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/store.hpp"

namespace berth::access {

class Gate;

template <class T>
class Granted {
 public:
  T const& operator*() const { return thing_; }
  T const* operator->() const { return &thing_; }
  auto const& id() const
    requires requires(T const& t) { t.id; }
  {
    return thing_.id;
  }
  Permission permission() const { return permission_; }

 private:
  friend class Gate;
  Granted(T thing, Permission permission) : thing_(std::move(thing)), permission_(permission) {}
  T thing_;
  Permission permission_;
};

// The tenants in which a caller holds a permission: what list queries take.
struct Reach {
  store::TenantScope tenants;
};

// The installation itself, for what belongs to no tenant.
struct System {};

// What a check needs. services::Call is one.
struct Caller {
  store::Store& store;
  Actor actor;
};

Result<Granted<store::Server>> grant_server(Caller const& caller, ServerId const& id, Permission permission);
Result<Granted<store::Tenant>> grant_tenant(Caller const& caller, TenantId const& id, Permission permission);
// The tenant in which somebody who names none acts: their first one; the house for staff.
Result<Granted<store::Tenant>> grant_own_tenant(Caller const& caller, Permission permission);
// A job about the installation (no tenant) is staff's alone.
Result<Granted<store::Job>> grant_job(Caller const& caller, JobId const& id, Permission permission);
Result<Granted<store::Image>> grant_image(Caller const& caller, ImageId const& id, Permission permission);
Result<Granted<store::User>> grant_user(Caller const& caller, UserId const& id, Permission permission);
Result<Granted<System>> grant_system(Caller const& caller, Permission permission);
// Errors: forbidden when the permission is held nowhere.
Result<Granted<Reach>> grant_reach(Caller const& caller, Permission permission);
// Which events the caller may see.
Result<Granted<store::EventAudience>> grant_events(Caller const& caller);

}  // namespace berth::access
