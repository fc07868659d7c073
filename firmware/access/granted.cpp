#include "firmware/access/granted.hpp"

namespace berth::access {

// The only maker of Granted<T>.
class Gate {
 public:
  template <class T>
  static Granted<T> open(T thing, Permission permission) {
    return Granted<T>(std::move(thing), permission);
  }
};

namespace {

std::unexpected<Error> not_signed_in() {
  return fail(ErrorCode::unauthenticated, "not-signed-in", "Please sign in.");
}
std::unexpected<Error> not_allowed() {
  return fail(ErrorCode::forbidden, "not-allowed", "You may not do that.");
}
std::unexpected<Error> hidden(std::string_view noun) {
  return fail(ErrorCode::not_found, "not-found", "There is no such " + std::string(noun) + ".");
}

store::TenantScope scope_of(Actor const& actor, Permission permission) {
  if (actor.may(permission)) return store::TenantScope::all_tenants_for_staff();
  std::vector<TenantId> tenants;
  for (auto const& membership : actor.memberships())
    if (allows(membership.role, permission)) tenants.push_back(membership.tenant);
  return store::TenantScope::some(std::move(tenants));
}

// Who may not see the thing gets not_found, as if it were not there; who may not act gets forbidden.
Result<void> check(Actor const& actor, TenantId const& tenant, Permission see, Permission permission,
                   std::string_view noun) {
  if (!actor.may(see, tenant) && !actor.may(permission, tenant)) return hidden(noun);
  if (!actor.may(permission, tenant)) return not_allowed();
  return {};
}

}  // namespace

Result<Granted<store::Server>> grant_server(Caller const& caller, ServerId const& id, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  auto const sees = scope_of(caller.actor, Permission::server_view);
  auto server = TRY(caller.store.read([&](store::Snapshot& s) { return s.servers.get(id, sees); }));
  TRY(check(caller.actor, server.tenant, Permission::server_view, permission, "server"));
  return Gate::open(std::move(server), permission);
}

Result<Granted<store::Tenant>> grant_tenant(Caller const& caller, TenantId const& id, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  TRY(check(caller.actor, id, Permission::server_view, permission, "tenant"));
  return Gate::open(TRY(caller.store.read([&](store::Snapshot& s) { return s.tenants.get(id); })), permission);
}

Result<Granted<store::Tenant>> grant_own_tenant(Caller const& caller, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  for (auto const& membership : caller.actor.memberships())
    if (caller.actor.may(permission, membership.tenant)) return grant_tenant(caller, membership.tenant, permission);
  if (!caller.actor.may(permission)) return not_allowed();
  return Gate::open(TRY(caller.store.read([](store::Snapshot& s) { return s.tenants.house(); })), permission);
}

Result<Granted<store::Job>> grant_job(Caller const& caller, JobId const& id, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  // The scope leaves out jobs without a tenant unless it covers everything.
  auto const sees = scope_of(caller.actor, Permission::job_view);
  auto job = TRY(caller.store.read([&](store::Snapshot& s) { return s.jobs.get(id, sees); }));
  bool const may = job.tenant ? caller.actor.may(permission, *job.tenant) : caller.actor.may(permission);
  if (!may) return not_allowed();
  return Gate::open(std::move(job), permission);
}

Result<Granted<store::Image>> grant_image(Caller const& caller, ImageId const& id, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  if (!caller.actor.may(Permission::image_view)) return hidden("image");
  if (!caller.actor.may(permission)) return not_allowed();
  return Gate::open(TRY(caller.store.read([&](store::Snapshot& s) { return s.images.find(id.str()); })), permission);
}

Result<Granted<store::User>> grant_user(Caller const& caller, UserId const& id, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  if (!caller.actor.may(permission)) return hidden("user");
  return Gate::open(TRY(caller.store.read([&](store::Snapshot& s) { return s.users.get(id); })), permission);
}

Result<Granted<System>> grant_system(Caller const& caller, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  if (!caller.actor.may(permission)) return not_allowed();
  return Gate::open(System{}, permission);
}

Result<Granted<Reach>> grant_reach(Caller const& caller, Permission permission) {
  if (!caller.actor.signed_in()) return not_signed_in();
  if (!caller.actor.may_somewhere(permission)) return not_allowed();
  return Gate::open(Reach{scope_of(caller.actor, permission)}, permission);
}

Result<Granted<store::EventAudience>> grant_events(Caller const& caller) {
  if (!caller.actor.signed_in()) return not_signed_in();
  return Gate::open(store::EventAudience{scope_of(caller.actor, Permission::event_view), caller.actor.user_id()},
                    Permission::event_view);
}

}  // namespace berth::access
