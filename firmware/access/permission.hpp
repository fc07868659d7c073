// What may be done, and which role may do it. Deny by default: what no table grants is refused.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <string_view>
#include <vector>

#include "firmware/store/tenant_store.hpp"
#include "firmware/store/user_store.hpp"

namespace berth::access {

// Names are stable: GET /me shows them. The first block concerns things of a tenant, the second the whole installation.
enum class Permission {
  server_view,
  server_create,
  server_power,
  server_edit,
  server_delete,
  server_console,
  job_view,
  job_control,  // cancel, retry

  plan_view,
  image_view,
  image_manage,
  host_view,
  event_view,
  user_manage,
  system_manage,  // settings, reconcilers' own work
};
BOOST_DESCRIBE_ENUM(Permission, server_view, server_create, server_power, server_edit, server_delete, server_console,
                    job_view, job_control, plan_view, image_view, image_manage, host_view, event_view, user_manage,
                    system_manage)

std::string_view to_string(Permission permission);

// What a member of a tenant may do with that tenant's things.
bool allows(store::MemberRole role, Permission permission);
// What everybody who signed in may do, and what staff may do everywhere.
bool allows(store::UserRole role, Permission permission);
// What a reconciler of that name may do everywhere. Unknown names: nothing.
bool reconciler_allows(std::string_view name, Permission permission);

}  // namespace berth::access
