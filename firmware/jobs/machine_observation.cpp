#include "firmware/jobs/machine_observation.hpp"

#include "firmware/base/json_reply.hpp"
#include "firmware/base/log.hpp"
#include "firmware/events/event.hpp"

namespace berth::jobs {
namespace {

// A part that this kind of machine does not have says nothing.
template <class T>
Result<T> if_it_has(Result<T> answer) {
  if (!answer && answer.error().code == ErrorCode::unsupported) return T{};
  return answer;
}

// Without what changes by itself all the time.
MachineSeen lasting(MachineSeen seen) {
  seen.facts.unix_seconds = 0;
  seen.facts.uptime_s = 0;
  seen.network.seconds_left = 0;
  seen.update.percent = 0;
  seen.update.step.clear();
  return seen;
}

// The parts that differ, in words for the audit; "" when none does.
std::string changes(MachineSeen const& before, MachineSeen const& now) {
  std::string text;
  auto const look = [&](std::string_view name, auto const& one, auto const& other) {
    if (write_json(one) != write_json(other)) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  look("itself", before.facts, now.facts);
  look("clock", before.time, now.time);
  look("network", before.network, now.network);
  look("SSH", before.ssh, now.ssh);
  look("releases", before.slots, now.slots);
  look("update", before.update, now.update);
  look("updates found", before.found, now.found);
  look("certificate", before.certificate, now.certificate);
  look("support bundle", before.support_bundle, now.support_bundle);
  return text;
}

}  // namespace

Result<std::optional<MachineLook>> last_look(store::Snapshot& snapshot) {
  auto const node = TRY(snapshot.nodes.local());
  auto const kept = TRY(snapshot.machines.observation(node.id));
  if (!kept) return std::nullopt;
  auto const json = parse_json(kept->seen);
  auto seen = json ? from_reply<MachineSeen>(*json) : Result<MachineSeen>(std::unexpected(json.error()));
  if (!seen) return std::nullopt;
  return MachineLook{*std::move(seen), kept->observed_at};
}

Result<MachineSeen> look_at_machine(Outside const& outside, std::optional<MachineLook> const& before, Depth depth) {
  auto& machine = outside.machine;
  MachineSeen seen;
  seen.facts = TRY(machine.facts());
  seen.time = TRY(if_it_has(machine.time_settings()));
  seen.network = TRY(if_it_has(machine.network()));
  seen.ssh = TRY(if_it_has(machine.ssh()));
  seen.slots = TRY(if_it_has(machine.slots()));
  seen.update = TRY(if_it_has(machine.update()));
  if (depth == Depth::with_found)
    seen.found = TRY(if_it_has(machine.find_updates()));
  else if (before)
    seen.found = before->seen.found;
  if (auto certificate = outside.certificate.facts())
    seen.certificate = *std::move(certificate);
  else
    log(LogLevel::warning, "jobs", "the panel's certificate cannot be read",
        {{"reason", describe(certificate.error())}});
  seen.support_bundle = outside.files.bundle();
  return seen;
}

Result<void> record_machine(store::Transaction& tx, MachineSeen const& seen) {
  auto const before = TRY(last_look(tx));
  auto const node = TRY(tx.nodes.local());
  TRY(tx.machines.observe(node.id, write_json(seen)));
  auto const what = before ? changes(lasting(before->seen), lasting(seen)) : std::string("itself");
  if (what.empty()) return {};
  return tx.events.add(events::MachineChanged{node.id, what});
}

bool is_unsettled(MachineSeen const& seen) {
  return seen.network.tried.has_value() || seen.update.running;
}

}  // namespace berth::jobs
