// Servers as they are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/api/job_views.hpp"
#include "firmware/base/json.hpp"
#include "firmware/services/compute/peer_groups.hpp"
#include "firmware/services/compute/server_view.hpp"

namespace berth::api::view {

using store::ServerKind;

using compute::ServerState;
using store::WantedState;

struct ServerImage {
  ImageId id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(ServerImage, (), (id, title))

struct ServerPlan {
  PlanId id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ServerPlan, (), (id, name))

struct ServerUsage {
  std::uint64_t cpu_ns = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t tx_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ServerUsage, (), (cpu_ns, memory_bytes, disk_bytes, rx_bytes, tx_bytes))

struct Server {
  ServerId id;
  std::string name;
  std::string hostname;
  ServerKind kind = ServerKind::vm;
  ServerImage image;
  ServerPlan plan;
  std::uint32_t vcpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::optional<std::string> address;
  std::string mac;
  std::optional<std::string> peer_group;  // it may talk to the tenant's servers of that group; absent: to none
  Moment created_at;
  WantedState wanted = WantedState::stopped;
  ServerState state = ServerState::unknown;
  std::optional<std::string> state_reason;
  std::optional<Moment> observed_at;
  std::optional<ServerUsage> usage;
  std::optional<JobId> job;          // the job under way
  std::optional<std::string> drift;  // what somebody changed behind the panel's back
};
BOOST_DESCRIBE_STRUCT(Server, (),
                      (id, name, hostname, kind, image, plan, vcpus, memory_bytes, disk_bytes, address, mac, peer_group,
                       created_at, wanted, state, state_reason, observed_at, usage, job, drift))

Server of(compute::ServerView const& server);

struct ServerList {
  std::vector<Server> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(ServerList, (), (items, next_cursor))

struct PeerGroupMember {
  ServerId id;
  std::string name;
  std::optional<std::string> address;
};
BOOST_DESCRIBE_STRUCT(PeerGroupMember, (), (id, name, address))

struct PeerGroup {
  std::string name;
  std::vector<PeerGroupMember> members;
};
BOOST_DESCRIBE_STRUCT(PeerGroup, (), (name, members))

struct PeerGroupList {
  std::vector<PeerGroup> items;
};
BOOST_DESCRIBE_STRUCT(PeerGroupList, (), (items))

PeerGroupList of(std::vector<compute::PeerGroupView> const& groups);

struct ConsoleTicket {
  std::string ticket;
  Moment expires_at;
  std::string url;  // path of the WebSocket on this panel
};
BOOST_DESCRIBE_STRUCT(ConsoleTicket, (), (ticket, expires_at, url))

}  // namespace berth::api::view
