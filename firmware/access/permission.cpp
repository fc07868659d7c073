#include "firmware/access/permission.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace berth::access {
namespace {

using enum Permission;

constexpr std::array of_members{server_view, server_power, server_console, job_view, event_view};
constexpr std::array of_support{server_view, server_power, server_console, job_view, event_view};
constexpr std::array of_admins{server_view,    server_create, server_power, server_edit, server_delete,
                               server_console, job_view,      job_control,  event_view};
// What a customer must see of the installation to order something.
constexpr std::array of_everybody{plan_view, image_view};

bool holds(std::span<Permission const> list, Permission permission) {
  return std::ranges::contains(list, permission);
}

}  // namespace

std::string_view to_string(Permission permission) {
  return boost::describe::enum_to_string(permission, "");
}

bool allows(store::MemberRole role, Permission permission) {
  switch (role) {
    case store::MemberRole::owner:
    case store::MemberRole::admin:
      return holds(of_admins, permission);
    case store::MemberRole::support:
      return holds(of_support, permission);
    case store::MemberRole::member:
      return holds(of_members, permission);
  }
  return false;
}

bool allows(store::UserRole role, Permission permission) {
  switch (role) {
    case store::UserRole::superadmin:
      return true;
    case store::UserRole::member:
      return holds(of_everybody, permission);
  }
  return false;
}

bool reconciler_allows(std::string_view name, Permission permission) {
  struct Row {
    std::string_view name;
    Permission permission;
  };
  static constexpr std::array rows{
      Row{"observe-guests", server_view},       Row{"observe-guests", host_view},
      Row{"observe-guests", system_manage},     Row{"restore-power", server_view},
      Row{"restore-power", server_power},       Row{"restore-power", system_manage},
      Row{"expire-credentials", system_manage}, Row{"job-janitor", system_manage},
      Row{"database-copy", system_manage},      Row{"observe-images", image_manage},
      Row{"event-janitor", system_manage},      Row{"image-janitor", image_manage},
      Row{"observe-machine", system_manage},    Row{"automatic-updates", system_manage},
  };
  return std::ranges::any_of(rows, [&](Row const& row) { return row.name == name && row.permission == permission; });
}

}  // namespace berth::access
