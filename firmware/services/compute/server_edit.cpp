#include "firmware/services/compute/server_edit.hpp"

#include "firmware/base/text.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/wishes.hpp"
#include "firmware/services/compute/server_power.hpp"

namespace berth::compute {
namespace {

Result<void> check(ServerEdit const& edit) {
  Error bad{ErrorCode::invalid_argument, "invalid-field", "Some fields are not acceptable."};
  if (edit.name)
    if (auto why = why_not_text(*edit.name, 1, 63, TextRule::line)) bad.fields.emplace_back("/name", *std::move(why));
  if (edit.peer_group && *edit.peer_group)
    if (auto why = why_not_peer_group(**edit.peer_group)) bad.fields.emplace_back("/peer_group", *std::move(why));
  if (!edit.name && !edit.peer_group) bad.fields.emplace_back("/name", FieldRule::required);
  if (bad.fields.empty()) return {};
  return std::unexpected(std::move(bad));
}

// nullopt: the engine is told that already.
Result<std::optional<JobId>> change_group(store::Transaction& tx, store::Server const& server,
                                          std::optional<std::string> const& wanted) {
  auto const active = TRY(tx.jobs.active_for(server.id));
  auto const present = server.peer_group.transform([](auto const& group) { return group.name; });
  if (wanted == present) {
    // Asked twice: the same wish is under way.
    if (active && active->type == "server.regroup") return active->id;
    return std::nullopt;
  }
  if (active)
    return fail(ErrorCode::conflict, "job-under-way", "\"" + active->title + "\" is under way; wait until it is done.");
  auto const listing = TRY(tx.servers.listing(server.id, store::TenantScope::one(server.tenant)));
  if (auto why = why_not_built(server_state(listing))) return std::unexpected(*std::move(why));
  std::optional<store::PeerGroup> group;
  if (wanted) group = TRY(tx.peer_groups.find_or_add(server.tenant, *wanted));
  TRY(tx.peer_groups.change(server.id, server.tenant, group));
  TRY(tx.events.add(
      events::ServerPeerGroupWished{server.tenant, server.id, server.name, present.value_or(""), wanted.value_or("")}));
  return TRY(tx.jobs.enqueue(jobs::ServerRegroup{server.tenant, server.id, server.name, wanted.value_or("")}));
}

}  // namespace

std::optional<Complaint> why_not_peer_group(std::string_view name) {
  return why_not_text(name, 1, 63, TextRule::line);
}

Result<EditedServer> edit_server(Call& call, Granted<store::Server> const& granted, ServerEdit const& edit,
                                 std::int64_t expected_version) {
  TRY(check(edit));
  return call.write([&](store::Transaction& tx) -> Result<EditedServer> {
    auto const scope = store::TenantScope::one(granted->tenant);
    auto const before = TRY(tx.servers.get(granted.id(), scope));
    auto const edited = edit.name ? TRY(tx.servers.rename(before.id, scope, *edit.name, expected_version))
                                  : TRY(tx.servers.touch(before.id, scope, expected_version));
    if (edited.name != before.name)
      TRY(tx.events.add(events::ServerRenamed{before.tenant, before.id, before.name, edited.name}));
    EditedServer out;
    if (edit.peer_group) out.job = TRY(change_group(tx, edited, *edit.peer_group));
    out.server = TRY(tx.servers.get(before.id, scope));
    return out;
  });
}

}  // namespace berth::compute
