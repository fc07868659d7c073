// One request on its way through: what the dispatcher knows when the handler's arguments are made. Belongs to one thread.
#pragma once

#include <optional>
#include <string>

#include "firmware/access/permission.hpp"
#include "firmware/api/panel.hpp"
#include "firmware/api/path.hpp"
#include "firmware/http/message.hpp"
#include "firmware/services/call.hpp"

namespace berth::api {

struct Exchange {
  http::Request const& request;
  Panel& panel;
  services::Call call;
  PathValues path;
  access::Permission permission{};  // the route's, where it names one
  std::size_t granted = 0;          // path parameters already taken
  std::string token;                // of the session, as the cookie carried it; empty over the local socket
  std::string csrf_token;           // derived from it

  std::string_view next_path_value() { return path.values[granted++]; }
};

}  // namespace berth::api
