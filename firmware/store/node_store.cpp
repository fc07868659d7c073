#include "firmware/store/node_store.hpp"

#include "firmware/base/json_reply.hpp"
#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {

Result<Node> NodeStore::local() const {
  Query q(*scope_,
          "SELECT id, name, boot_id, engine_ok, engine_problem, answered_ms, facts FROM nodes ORDER BY id LIMIT 1");
  if (!TRY(q.step())) return no_such("machine");
  Node node;
  node.id = q.id<NodeId>();
  node.name = q.text();
  node.boot_id = q.text();
  node.engine_ok = q.boolean();
  node.engine_problem = q.text();
  node.answered_at = q.optional(&Query::moment);
  if (auto const facts = q.optional(&Query::text)) node.facts = TRY(from_reply<NodeFacts>(TRY(parse_json(*facts))));
  return node;
}

Result<bool> NodeStore::empty() const {
  Query q(*scope_, "SELECT 1 FROM nodes LIMIT 1");
  return !TRY(q.step());
}

Result<void> NodeStore::add(NodeId const& id, std::string_view name) {
  Query q(*scope_, "INSERT INTO nodes (id, name) VALUES (?, ?)");
  q << id << name;
  TRY(q.run());
  return {};
}

Result<void> NodeStore::set_facts(NodeId const& id, NodeFacts const& facts) {
  Query q(*scope_, "UPDATE nodes SET facts = ? WHERE id = ?");
  q << write_json(facts) << id;
  TRY(q.run());
  return {};
}

Result<void> NodeStore::set_engine(NodeId const& id, bool ok, std::string_view problem) {
  Query q(*scope_,
          "UPDATE nodes SET engine_ok = ?1, engine_problem = ?2, answered_ms = CASE WHEN ?1 THEN ?3 ELSE answered_ms "
          "END WHERE id = ?4");
  q << ok << problem << scope_->author.now << id;
  TRY(q.run());
  return {};
}

Result<void> NodeStore::set_boot(NodeId const& id, std::string_view boot_id) {
  Query q(*scope_, "UPDATE nodes SET boot_id = ? WHERE id = ?");
  q << boot_id << id;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
