#include "firmware/api/host_handlers.hpp"
#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> host_routes() {
  static constexpr Route rows[]{
      {Method::get, "/host", needs(Permission::host_view), handled_by<&show_host>,
       "The machine, as the engine last described it."},
      {Method::get, "/plans", needs(Permission::plan_view), handled_by<&list_plans>, "The sizes that servers come in."},
      {Method::get, "/images", needs(Permission::image_view), handled_by<&list_images>,
       "What servers can be made from."},
  };
  return rows;
}

}  // namespace berth::api
