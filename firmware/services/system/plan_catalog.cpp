#include "firmware/services/system/plan_catalog.hpp"

namespace berth::services {

Result<std::vector<store::Plan>> list_plans(Call& call, Granted<access::System> const&) {
  return call.read([](store::Snapshot& s) { return s.plans.all(); });
}

}  // namespace berth::services
