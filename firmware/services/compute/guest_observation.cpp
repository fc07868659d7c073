#include "firmware/services/compute/guest_observation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"

namespace berth::compute {
namespace {

using store::ObservedState;
using store::WantedState;

constexpr std::string_view strays_key = "strays";  // the setting that remembers which ones were told
constexpr std::size_t strays_told_max = 20;

// Whether a job recorded this server after the engine was asked: then what the engine said is older. The bound is for a
// clock that was turned back.
bool is_older(store::ServerObservation const& before, Moment asked) {
  return before.observed_at && *before.observed_at >= asked && *before.observed_at - asked < std::chrono::minutes(1);
}

Result<void> record_server(store::Transaction& tx, store::Server const& server, store::ServerObservation const& before,
                           contract::GuestStatus const& status) {
  // A guest that is still being made is not missing.
  if (server.build == store::BuildState::building && status.state == contract::GuestState::absent) return {};
  auto now = jobs::observe(before, status, tx.now());
  bool const busy = TRY(tx.jobs.active_for(server.id)).has_value();
  // What a job has half done is no drift, and what was drift before it began is not told anew.
  if (!busy) now.drift = drift_of(server, now.state, busy);
  TRY(tx.servers.observe(now));
  if (now.state != before.state)
    TRY(tx.events.add(
        events::ServerStateChanged{server.tenant, server.id, server.name, before.state, now.state, now.reason}));
  if (now.drift != before.drift)
    TRY(tx.events.add(events::ServerDrifted{server.tenant, server.id, server.name, now.drift}));
  return {};
}

Result<void> record_strays(store::Transaction& tx, NodeId const& node, std::set<std::string> const& strays) {
  std::string all;
  for (auto const& stray : strays) all += stray + "\n";
  auto const told = TRY(tx.settings.get(strays_key)).value_or("");
  if (told == all) return {};
  std::size_t count = 0;
  for (auto const& stray : strays)
    if (!told.contains(stray + "\n") && count++ < strays_told_max)
      TRY(tx.events.add(events::StrayGuestFound{node, stray}));
  return tx.settings.set(strays_key, all);
}

// Counters of a guest that is not there are not zero: they are not known.
contract::GuestStatus absent_after(store::ServerObservation const& before, std::string guest) {
  contract::GuestStatus absent;
  absent.guest = std::move(guest);
  absent.cpu_ns = before.raw_cpu_ns;
  absent.rx_bytes = before.raw_rx_bytes;
  absent.tx_bytes = before.raw_tx_bytes;
  return absent;
}

// The engine is back, or answers for the first time.
Result<void> record_answer(store::Transaction& tx, store::Node const& node) {
  if (!node.engine_ok && !node.engine_problem.empty()) TRY(tx.events.add(events::EngineBack{node.id}));
  return tx.nodes.set_engine(node.id, true, "");
}

}  // namespace

std::string drift_of(store::Server const& server, ObservedState seen, bool busy) {
  if (busy || server.build != store::BuildState::built || server.wanted == WantedState::deleted) return "";
  if (seen == ObservedState::absent) return "Its guest is gone from the machine; starting the server makes it again.";
  if (seen == ObservedState::stopped && server.wanted == WantedState::running)
    return "It should run, but it was stopped or stopped by itself.";
  if (seen == ObservedState::running && server.wanted == WantedState::stopped)
    return "It should be stopped, but it was started.";
  if (seen == ObservedState::paused && server.wanted == WantedState::running)
    return "It should run, but it was paused.";
  if (seen == ObservedState::running && server.wanted == WantedState::paused)
    return "It should be paused, but it runs.";
  return "";
}

Result<void> record_guests(Call& call, Granted<access::System> const&,
                           std::vector<contract::GuestStatus> const& guests) {
  return call.write(
      [&](store::Transaction& tx) -> Result<void> {
        auto const node = TRY(tx.nodes.local());
        TRY(record_answer(tx, node));
        std::map<std::string, contract::GuestStatus const*> seen;
        for (auto const& guest : guests) seen.emplace(guest.guest, &guest);
        for (auto const& server : TRY(tx.servers.on_node(node.id))) {
          auto const id = jobs::guest_id(server.id).str();
          auto const found = seen.find(id);
          auto const before = TRY(tx.servers.observation(server.id));
          if (is_older(before, call.now)) {
            seen.erase(id);
            continue;
          }
          TRY(record_server(tx, server, before, found == seen.end() ? absent_after(before, id) : *found->second));
          if (found != seen.end()) seen.erase(found);
        }
        std::set<std::string> strays;
        for (auto const& [id, status] : seen)
          if (contract::is_guest_id(id)) strays.insert(id);
        return record_strays(tx, node.id, strays);
      },
      store::Durability::process);
}

Result<void> record_guest(Call& call, Granted<access::System> const&, contract::GuestStatus const& guest) {
  auto const id = jobs::server_of(guest.guest);
  if (!id) return {};
  return call.write(
      [&](store::Transaction& tx) -> Result<void> {
        auto const server = tx.servers.get(*id, store::TenantScope::all_tenants_for_staff());
        if (!server && server.error().code == ErrorCode::not_found) return {};
        if (!server) return std::unexpected(server.error());
        auto const before = TRY(tx.servers.observation(*id));
        if (is_older(before, call.now)) return {};
        bool const gone = guest.state == contract::GuestState::absent;
        return record_server(tx, *server, before, gone ? absent_after(before, guest.guest) : guest);
      },
      store::Durability::process);
}

Result<void> record_host(Call& call, Granted<access::System> const&, contract::HostFacts const& facts) {
  return call.write(
      [&](store::Transaction& tx) -> Result<void> {
        auto const node = TRY(tx.nodes.local());
        store::NodeFacts now;
        now.hostname = facts.hostname;
        now.kernel = facts.kernel;
        now.cpus = facts.cpus;
        now.memory_bytes = facts.memory_bytes;
        now.memory_free_bytes = facts.memory_free_bytes;
        now.storage_bytes = facts.storage_bytes;
        now.storage_free_bytes = facts.storage_free_bytes;
        now.accelerator = boost::describe::enum_to_string(facts.accelerator, "");
        now.accelerator_reason = facts.accelerator_reason;
        now.reflink = facts.reflink;
        TRY(tx.nodes.set_facts(node.id, now));
        return record_answer(tx, node);
      },
      store::Durability::process);
}

Result<void> record_silence(Call& call, Granted<access::System> const&, Error const& error) {
  return call.write(
      [&](store::Transaction& tx) -> Result<void> {
        auto const node = TRY(tx.nodes.local());
        if (node.engine_ok || node.engine_problem.empty())
          TRY(tx.events.add(events::EngineLost{node.id, error.message}));
        TRY(tx.nodes.set_engine(node.id, false, error.message));
        // An answer from the future is from before the clock was set back: nobody knows how old it is.
        if (node.answered_at && *node.answered_at <= tx.now() &&
            tx.now() - *node.answered_at < call.settings.engine_silence)
          return {};
        for (auto const& server : TRY(tx.servers.on_node(node.id))) {
          auto seen = TRY(tx.servers.observation(server.id));
          if (seen.state == ObservedState::unknown) continue;
          auto const before = seen.state;
          seen.state = ObservedState::unknown;
          seen.reason = "The engine does not answer.";
          TRY(tx.servers.observe(seen));
          TRY(tx.events.add(events::ServerStateChanged{server.tenant, server.id, server.name, before, seen.state, ""}));
        }
        return {};
      },
      store::Durability::process);
}

}  // namespace berth::compute
