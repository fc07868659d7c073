#include "firmware/store/plan_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

Plan read(Query& q) {
  Plan plan;
  plan.id = q.id<PlanId>();
  plan.name = q.text();
  plan.kind = q.optional(&Query::choice<ServerKind>);
  plan.vcpus = q.u32();
  plan.memory = q.bytes();
  plan.disk = q.bytes();
  return plan;
}

}  // namespace

Result<std::vector<Plan>> PlanStore::all() const {
  Query q(*scope_,
          "SELECT id, name, kind, vcpus, memory_bytes, disk_bytes FROM plans ORDER BY memory_bytes, disk_bytes, id");
  std::vector<Plan> plans;
  while (TRY(q.step())) plans.push_back(read(q));
  return plans;
}

Result<Plan> PlanStore::find(std::string_view id_or_name) const {
  Query q(*scope_, "SELECT id, name, kind, vcpus, memory_bytes, disk_bytes FROM plans WHERE id = ?1 OR name = ?1");
  q << id_or_name;
  if (!TRY(q.step())) return no_such("plan");
  return read(q);
}

Result<void> PlanStore::add(Plan const& plan) {
  Query q(*scope_, "INSERT INTO plans (id, name, kind, vcpus, memory_bytes, disk_bytes) VALUES (?, ?, ?, ?, ?, ?)");
  q << plan.id << plan.name << plan.kind << plan.vcpus << plan.memory << plan.disk;
  if (auto done = q.run(); !done)
    return std::unexpected(
        named_conflict(std::move(done).error(), "plan-name-taken", "There is a plan of that name already."));
  return {};
}

}  // namespace berth::store
