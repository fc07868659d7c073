// A server as its owner sees it: what was ordered, what the engine saw, what is under way.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "firmware/services/call.hpp"

namespace berth::compute {

enum class ServerState { creating, stopped, starting, running, paused, stopping, crashed, failed, deleting, unknown };
BOOST_DESCRIBE_ENUM(ServerState, creating, stopped, starting, running, paused, stopping, crashed, failed, deleting,
                    unknown)

struct ServerView {
  store::Server server;
  std::string image_title;
  std::string plan_name;
  std::optional<std::string> address;
  ServerState state = ServerState::unknown;
  std::optional<std::string> state_reason;
  std::optional<Moment> observed_at;
  std::optional<store::ServerUsage> usage;  // absent until the engine told
  std::optional<JobId> job;                 // under way
  std::optional<std::string> drift;
};

// Pure: what one word describes this server.
ServerState server_state(store::ServerListing const& listing);
ServerView view_of(store::ServerListing listing);

}  // namespace berth::compute
