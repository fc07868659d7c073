#include "firmware/api/event_handlers.hpp"
#include "firmware/api/route_tables.hpp"

namespace berth::api {

std::span<Route const> event_routes() {
  static constexpr Route rows[]{
      {Method::get, "/events", needs(Permission::event_view), handled_by<&stream_events>,
       "Server-Sent Events as they happen; Last-Event-ID resumes."},
  };
  return rows;
}

}  // namespace berth::api
