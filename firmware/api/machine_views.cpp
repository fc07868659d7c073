#include "firmware/api/machine_views.hpp"

#include <algorithm>

namespace berth::api::view {
namespace {

std::optional<std::string> unless_empty(std::string const& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Machine of(services::MachineView const& from) {
  auto const& seen = from.look.seen;
  Machine machine;
  machine.observed_at = from.look.at;
  machine.appliance = seen.facts.appliance;
  machine.hostname = seen.facts.hostname;
  machine.version = seen.facts.version;
  machine.board = seen.facts.board;
  machine.uptime_s = seen.facts.uptime_s;
  machine.last_rollback = unless_empty(seen.facts.last_rollback);
  machine.time = {seen.facts.time_zone, seen.time.ntp, {}, seen.facts.clock_synchronised, seen.facts.unix_seconds};
  for (auto const& server : seen.time.ntp_servers) machine.time.ntp_servers.push_back(server.str());
  machine.network = seen.network;
  machine.ssh = seen.ssh;
  machine.slots = seen.slots.slots;
  machine.next_slot = seen.slots.next;
  machine.restart_needed = std::ranges::any_of(
      machine.slots, [&](contract::Slot const& slot) { return slot.name == machine.next_slot && !slot.booted; });
  machine.update = seen.update;
  machine.found_updates = seen.found;
  machine.update_policy = from.policy;
  if (from.record.checked_ms > 0)
    machine.last_check = UpdateCheck{from_ms(from.record.checked_ms), unless_empty(from.record.offered),
                                     unless_empty(from.record.problem)};
  if (auto const& certificate = seen.certificate)
    machine.certificate = Certificate{certificate->fingerprint, from_ms(certificate->expires_ms), certificate->names,
                                      certificate->self_signed};
  if (auto const& bundle = seen.support_bundle)
    machine.support_bundle = SupportBundle{from_ms(bundle->made_ms), bundle->size_bytes};
  for (auto const& job : from.jobs) machine.jobs.push_back(of(job));
  return machine;
}

}  // namespace berth::api::view
