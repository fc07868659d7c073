// The peer groups of one tenant: who may talk to whom.
#pragma once

#include <string>
#include <vector>

#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

struct PeerGroupView {
  std::string name;
  std::vector<store::PeerGroupMember> members;  // by name; never empty
};

// By name.
Result<std::vector<PeerGroupView>> list_peer_groups(Call& call, Granted<store::Tenant> const& tenant);
// Those of the tenant that the server belongs to: what it may join, and whom it reaches there.
Result<std::vector<PeerGroupView>> list_peer_groups(Call& call, Granted<store::Server> const& server);

}  // namespace berth::compute
