// What the machine itself said last: its name, clock, network, releases. One row a machine; its shape is the jobs'
// (jobs/machine_observation.hpp), who write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct MachineObservation {
  Moment observed_at;
  std::string seen;  // JSON
};

class MachineStore {
 public:
  explicit MachineStore(TransactionScope& scope) : scope_(&scope) {}
  // Nothing until it was looked at once.
  Result<std::optional<MachineObservation>> observation(NodeId const& node) const;
  // As seen now.
  Result<void> observe(NodeId const& node, std::string_view seen);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
