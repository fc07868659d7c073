#include "firmware/api/machine_handlers.hpp"
#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> machine_routes() {
  static constexpr auto administrators = needs(Permission::system_manage);
  static constexpr Route rows[]{
      {Method::get, "/machine", administrators, handled_by<&show_machine>,
       "The machine itself, as it last described itself."},
      {Method::put, "/machine/hostname", administrators, handled_by<&set_hostname>, "Give the machine a name."},
      {Method::put, "/machine/time", administrators, handled_by<&set_time>,
       "Set the machine's time zone, its time servers, and without NTP its clock."},
      {Method::post, "/machine/network/trial", administrators, handled_by<&try_network>,
       "Put network settings in force; they are taken back unless they are confirmed in time."},
      {Method::delete_, "/machine/network/trial", administrators, handled_by<&revert_network>,
       "Take the network settings on trial back at once."},
      {Method::post, "/machine/network/confirmation", administrators, handled_by<&confirm_network>,
       "Keep the network settings on trial."},
      {Method::put, "/machine/ssh", administrators, handled_by<&set_ssh>,
       "Say whether SSH is open, and to which keys."},
      {Method::post, "/machine/updates", administrators, handled_by<&send_update>,
       "Send an update and install it into the slot that does not run."},
      {Method::post, "/machine/updates/check", administrators, handled_by<&check_updates>,
       "Ask the update channel now, and install what is newer."},
      {Method::post, "/machine/updates/found/{found}", administrators, handled_by<&install_found_update>,
       "Install an update that the machine found on a stick or in its own folder."},
      {Method::put, "/machine/update-policy", administrators, handled_by<&set_update_policy>,
       "Say where updates come from, and when they are installed by themselves."},
      {Method::put, "/machine/next-slot", administrators, handled_by<&choose_slot>,
       "Choose the slot that the next start takes."},
      {Method::post, "/machine/restart", administrators, handled_by<&restart_machine>,
       "Restart the machine, with all its servers."},
      {Method::post, "/machine/power-off", administrators, handled_by<&power_off_machine>,
       "Switch the machine off, with all its servers."},
      {Method::post, "/machine/factory-reset", administrators, handled_by<&factory_reset>,
       "Reset the machine's settings, or everything on it. Cannot be taken back."},
      {Method::post, "/machine/support-bundle", administrators, handled_by<&make_support_bundle>,
       "Collect logs and settings for whoever helps."},
      {Method::get, "/machine/support-bundle", administrators, handled_by<&fetch_support_bundle>,
       "The last support bundle."},
      {Method::post, "/machine/certificate", administrators, handled_by<&renew_certificate>,
       "Make a new self-signed certificate for the machine's name and addresses, and use it."},
  };
  return rows;
}

}  // namespace berth::api
