// Machines that run guests. One today; every row about the machine carries its id.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

// What the engine last told about the machine (contract::HostFacts in the panel's words).
struct NodeFacts {
  std::string hostname;
  std::string kernel;
  std::uint32_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_free_bytes = 0;
  std::uint64_t storage_bytes = 0;
  std::uint64_t storage_free_bytes = 0;
  std::string accelerator;  // "kvm" or "tcg"
  std::string accelerator_reason;
  bool reflink = false;
};
BOOST_DESCRIBE_STRUCT(NodeFacts, (),
                      (hostname, kernel, cpus, memory_bytes, memory_free_bytes, storage_bytes, storage_free_bytes,
                       accelerator, accelerator_reason, reflink))

struct Node {
  NodeId id;
  std::string name;
  std::string boot_id;  // of the last boot whose servers were started again, "" before the first
  bool engine_ok = false;
  std::string engine_problem;         // why not
  std::optional<Moment> answered_at;  // when the engine last answered
  std::optional<NodeFacts> facts;     // absent until it answered once
};

class NodeStore {
 public:
  explicit NodeStore(TransactionScope& scope) : scope_(&scope) {}
  // This machine.
  Result<Node> local() const;
  Result<bool> empty() const;
  Result<void> add(NodeId const& id, std::string_view name);
  Result<void> set_facts(NodeId const& id, NodeFacts const& facts);
  // An engine that answers: answered_at becomes now.
  Result<void> set_engine(NodeId const& id, bool ok, std::string_view problem);
  Result<void> set_boot(NodeId const& id, std::string_view boot_id);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
