// Servers: what was ordered (servers) and what the engine last saw of them (server_states).
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/base/units.hpp"
#include "firmware/store/peer_group_store.hpp"
#include "firmware/store/tenant_scope.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

enum class ServerKind { vm, container };
BOOST_DESCRIBE_ENUM(ServerKind, vm, container)

// What its owner wants.
enum class WantedState { running, stopped, paused, deleted };
BOOST_DESCRIBE_ENUM(WantedState, running, stopped, paused, deleted)

// What the engine saw; unknown: it was not asked yet or does not answer.
enum class ObservedState { unknown, absent, stopped, starting, running, paused, stopping, crashed };
BOOST_DESCRIBE_ENUM(ObservedState, unknown, absent, stopped, starting, running, paused, stopping, crashed)

// How far its making came: built says that the creating job succeeded once.
enum class BuildState { building, built, failed };
BOOST_DESCRIBE_ENUM(BuildState, building, built, failed)

// First boot answers. Lives as long as the server, so that its definition can be made again.
struct ServerSeed {
  std::vector<std::string> ssh_keys;
  std::optional<std::string> password_crypt;  // crypt(3)
};

struct Server {
  ServerId id;
  TenantId tenant;
  NodeId node;
  std::string name;
  std::string hostname;
  ServerKind kind = ServerKind::vm;
  ImageId image;
  PlanId plan;
  std::uint32_t vcpus = 0;
  Bytes memory;
  Bytes disk;
  std::string mac;
  WantedState wanted = WantedState::stopped;
  BuildState build = BuildState::building;
  std::string build_reason;             // why it failed
  std::optional<PeerGroup> peer_group;  // read only: PeerGroupStore changes it
  ServerSeed seed;
  std::int64_t version = 1;  // ETag; grows with every edit by a person
  Moment created_at;
};

struct ServerUsage {
  // Totals since the server was created: they grow across restarts of guest and host.
  std::uint64_t cpu_ns = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t tx_bytes = 0;
  // Now.
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
};

struct ServerObservation {
  ServerId server;
  ObservedState state = ObservedState::unknown;
  std::string reason;
  std::optional<Moment> observed_at;
  ServerUsage usage;
  // The engine's raw counters at the last look; a smaller one next time means that they began anew.
  std::uint64_t raw_cpu_ns = 0;
  std::uint64_t raw_rx_bytes = 0;
  std::uint64_t raw_tx_bytes = 0;
  std::string drift;  // what somebody changed behind the panel's back, "" when nothing
};

// A server with everything a list shows, from one query.
struct ServerListing {
  Server server;
  ServerObservation observation;
  std::string image_title;
  std::string plan_name;
  std::string address;          // "" when it has none
  std::string active_job;       // JobId text, "" when none is queued, running or undoing
  std::string active_job_type;  // "server.create"
};

class ServerStore {
 public:
  explicit ServerStore(TransactionScope& scope) : scope_(&scope) {}

  // Errors: not_found.
  Result<Server> get(ServerId const& id, TenantScope const& tenants) const;
  Result<ServerListing> listing(ServerId const& id, TenantScope const& tenants) const;
  // By id, oldest first.
  Result<Page<ServerListing>> page(TenantScope const& tenants, PageWish const& wish) const;
  Result<bool> name_taken(TenantId const& tenant, std::string_view name) const;
  Result<bool> mac_taken(NodeId const& node, std::string_view mac) const;
  Result<std::vector<Server>> on_node(NodeId const& node) const;
  // What all its servers together were promised, those that are stopped, failed or being deleted included.
  Result<Bytes> memory_promised(NodeId const& node) const;
  Result<std::vector<ServerObservation>> observations(NodeId const& node) const;
  Result<ServerObservation> observation(ServerId const& id) const;

  // Errors: conflict ("server-name-taken").
  Result<void> add(Server const& server);
  // Errors: precondition_failed when `expected_version` is not the current one; conflict ("server-name-taken").
  Result<Server> rename(ServerId const& id, TenantScope const& tenants, std::string_view name,
                        std::int64_t expected_version);
  // An edit of what is kept elsewhere: grows the version. Errors: precondition_failed.
  Result<Server> touch(ServerId const& id, TenantScope const& tenants, std::int64_t expected_version);
  Result<void> set_wanted(ServerId const& id, WantedState wanted);
  Result<void> set_build(ServerId const& id, BuildState build, std::string_view reason);
  // Inserts or replaces what the engine saw. A server that is gone meanwhile is success.
  Result<void> observe(ServerObservation const& observation);
  // With its observation. Its address must be released before. Absent is success.
  Result<void> remove(ServerId const& id);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
