// Plans: the sizes that servers are sold in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/base/units.hpp"
#include "firmware/store/server_store.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct Plan {
  PlanId id;
  std::string name;
  std::optional<ServerKind> kind;  // absent: both
  std::uint32_t vcpus = 0;
  Bytes memory;
  Bytes disk;
};

class PlanStore {
 public:
  explicit PlanStore(TransactionScope& scope) : scope_(&scope) {}
  Result<std::vector<Plan>> all() const;
  // By id or by name. Errors: not_found.
  Result<Plan> find(std::string_view id_or_name) const;
  Result<void> add(Plan const& plan);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
