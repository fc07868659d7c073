#include "firmware/api/route_tables.hpp"
#include "firmware/api/server_handlers.hpp"

namespace berth::api {

std::span<Route const> server_routes() {
  static constexpr Route rows[]{
      {Method::get, "/servers", needs(Permission::server_view), handled_by<&list_servers>,
       "The servers within the caller's reach, oldest first."},
      {Method::post, "/servers", needs(Permission::server_create), handled_by<&create_server>,
       "Create a server; with dry_run only check whether it could be."},
      {Method::get, "/servers/{server}", needs(Permission::server_view), handled_by<&show_server>, "One server."},
      {Method::patch, "/servers/{server}", needs(Permission::server_edit), handled_by<&edit_server>,
       "Give a server another name, or say whom it may reach."},
      {Method::delete_, "/servers/{server}", needs(Permission::server_delete), handled_by<&delete_server>,
       "Delete a server, its disk and its address."},
      {Method::post, "/servers/{server}/power", needs(Permission::server_power), handled_by<&power_server>,
       "Start, shut down, restart, power off, pause or resume a server."},
      {Method::get, "/servers/{server}/peer-groups", needs(Permission::server_view),
       handled_by<&list_server_peer_groups>, "The peer groups that the server may be in, with their members."},
      {Method::get, "/servers/{server}/jobs", needs(Permission::server_view), handled_by<&list_server_jobs>,
       "The server's jobs, newest first."},
      {Method::post, "/servers/{server}/console-tickets", needs(Permission::server_console),
       handled_by<&create_console_ticket>, "A ticket that opens the server's console once within a minute."},
      {Method::get, "/peer-groups", needs(Permission::server_view), handled_by<&list_peer_groups>,
       "The peer groups that a new server may join, with their members."},
  };
  return rows;
}

}  // namespace berth::api
