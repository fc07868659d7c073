#include "firmware/store/machine_store.hpp"

#include "firmware/store/query.hpp"

namespace berth::store {

Result<std::optional<MachineObservation>> MachineStore::observation(NodeId const& node) const {
  Query q(*scope_, "SELECT observed_ms, seen FROM machine_observations WHERE node_id = ?");
  q << node;
  if (!TRY(q.step())) return std::nullopt;
  MachineObservation observation;
  observation.observed_at = q.moment();
  observation.seen = q.text();
  return observation;
}

Result<void> MachineStore::observe(NodeId const& node, std::string_view seen) {
  Query q(*scope_,
          "INSERT INTO machine_observations (node_id, observed_ms, seen) VALUES (?, ?, ?) ON CONFLICT (node_id) DO "
          "UPDATE SET observed_ms = excluded.observed_ms, seen = excluded.seen");
  q << node << scope_->author.now << seen;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
