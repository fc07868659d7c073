// Reading servers. Nothing here asks the engine: what it saw is in the store.
#pragma once

#include "firmware/services/compute/server_view.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

// Errors: invalid_argument ("?limit", "?cursor").
Result<store::Page<ServerView>> list_servers(Call& call, Granted<access::Reach> const& reach,
                                             store::PageWish const& page);
Result<ServerView> view_server(Call& call, Granted<store::Server> const& server);

}  // namespace berth::compute
