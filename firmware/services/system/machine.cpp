#include "firmware/services/system/machine.hpp"

#include <algorithm>
#include <array>
#include <format>

#include "drivers/contract/machine_checks.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/machine_wishes.hpp"

namespace berth::services {
namespace {

// The jobs that leave the machine as it is, and that every machine can do.
constexpr std::array harmless{std::string_view("machine.support-bundle"),
                              std::string_view("machine.renew-certificate")};

std::unexpected<Error> unknown_machine() {
  Error error{ErrorCode::unavailable, "machine-unknown", "The engine has not described this machine yet."};
  error.retry_after_s = 2;
  return std::unexpected(std::move(error));
}

Result<jobs::MachineLook> known_machine(store::Snapshot& snapshot) {
  auto look = TRY(jobs::last_look(snapshot));
  if (!look) return unknown_machine();
  return *std::move(look);
}

// nullopt: nothing is in the way. A job: the same wish is under way.
Result<std::optional<JobId>> under_way(store::Snapshot& snapshot, store::NewJob const& wish) {
  auto const look = TRY(known_machine(snapshot));
  if (!look.seen.facts.appliance && !std::ranges::contains(harmless, wish.type))
    return fail(ErrorCode::conflict, "not-an-appliance",
                "This machine was not set up by Berth, which leaves it alone.");
  for (auto const& job : TRY(snapshot.jobs.active_of("machine"))) {
    if (jobs::is_same_machine_wish(job, wish)) return job.id;
    if (jobs::exclude_each_other(job.type, wish.type))
      return fail(ErrorCode::conflict, "job-under-way", "\"" + job.title + "\" is under way; wait until it is done.");
  }
  return std::nullopt;
}

Result<void> check_confirm(Call& call, contract::Hostname const& confirm) {
  auto const look = TRY(call.read([](store::Snapshot& s) { return known_machine(s); }));
  if (confirm.str() != look.seen.facts.hostname) return fail_field("/confirm", FieldRule::wrong_machine_name);
  return {};
}

// As it is now, when nothing happened since but time.
jobs::MachineLook as_of(jobs::MachineLook look, Moment now) {
  auto const since_s = std::max<std::int64_t>(0, (to_ms(now) - to_ms(look.at)) / 1000);
  look.seen.facts.unix_seconds += since_s;
  look.seen.facts.uptime_s += static_cast<std::uint64_t>(since_s);
  auto& network = look.seen.network;
  network.seconds_left = std::max<std::int64_t>(0, network.seconds_left - since_s);
  return look;
}

}  // namespace

Result<MachineView> show_machine(Call& call, Granted<access::System> const&) {
  return call.read([&](store::Snapshot& s) -> Result<MachineView> {
    MachineView view{as_of(TRY(known_machine(s)), call.now), TRY(update_policy(s)), TRY(jobs::update_record(s)), {}};
    for (auto& job : TRY(s.jobs.active_of("machine"))) view.jobs.push_back(view_of(std::move(job)));
    return view;
  });
}

Result<JobId> ask_machine(Call& call, Granted<access::System> const&, store::NewJob const& job,
                          std::string const& wish) {
  return call.write([&](store::Transaction& tx) -> Result<JobId> {
    if (auto const same = TRY(under_way(tx, job))) return *same;
    TRY(tx.events.add(events::MachineWished{TRY(tx.nodes.local()).id, wish}));
    return tx.jobs.add(job);
  });
}

Result<JobId> set_hostname(Call& call, Granted<access::System> const& system, contract::Hostname const& name) {
  if (!contract::check_machine_name(name)) return fail_field("/hostname", FieldRule::not_hostname);
  return ask_machine(call, system, jobs::MachineSetHostname{name}.job(),
                     std::format("The machine is to be called {}.", name.str()));
}

Result<JobId> set_time(Call& call, Granted<access::System> const& system, contract::TimeSettings const& settings) {
  TRY(contract::check(settings));
  if (!is_time_zone(settings.time_zone.str())) return fail_field("/time_zone", FieldRule::not_time_zone);
  return ask_machine(call, system, jobs::MachineSetTime{settings}.job(),
                     std::format("The machine's clock is to follow {}, {}.", settings.time_zone.str(),
                                 settings.ntp ? "set by NTP" : "without NTP"));
}

Result<JobId> try_network(Call& call, Granted<access::System> const& system, contract::TryNetwork const& wish) {
  TRY(contract::check(wish));
  return ask_machine(
      call, system, jobs::MachineTryNetwork{wish}.job(),
      std::format("Other network settings are to be tried for {} seconds.", wish.confirm_within_s.value));
}

Result<JobId> confirm_network(Call& call, Granted<access::System> const& system) {
  return ask_machine(call, system, jobs::MachineConfirmNetwork{}.job(),
                     "The network settings on trial are to be kept.");
}

Result<JobId> revert_network(Call& call, Granted<access::System> const& system) {
  return ask_machine(call, system, jobs::MachineRevertNetwork{}.job(),
                     "The network settings on trial are to be taken back.");
}

Result<JobId> set_ssh(Call& call, Granted<access::System> const& system, contract::SshSettings const& settings) {
  TRY(contract::check(settings));
  return ask_machine(call, system, jobs::MachineSetSsh{settings}.job(),
                     settings.enabled
                         ? std::format("SSH is to be open to the holders of {} keys.", settings.keys.size())
                         : std::string("SSH is to be closed."));
}

Result<JobId> choose_slot(Call& call, Granted<access::System> const& system, contract::SlotName slot) {
  auto const look = TRY(call.read([](store::Snapshot& s) { return known_machine(s); }));
  auto const found = std::ranges::find(look.seen.slots.slots, slot, &contract::Slot::name);
  if (look.seen.facts.appliance && (found == look.seen.slots.slots.end() || found->version.empty()))
    return fail(ErrorCode::conflict, "slot-empty", "Nothing is installed in that slot.");
  return ask_machine(
      call, system, jobs::MachineChooseSlot{slot}.job(),
      std::format("The machine is to start from slot {} next.", boost::describe::enum_to_string(slot, "")));
}

Result<JobId> install_sent(Call& call, Granted<access::System> const& system, jobs::MachineFiles& files,
                           FileSource const& source) {
  if (source.bytes == 0) return fail(ErrorCode::invalid_argument, "body-empty", "The request carries no file.");
  auto job = jobs::MachineInstallUpdate{"-", "", ""}.job();
  if (TRY(call.read([&](store::Snapshot& s) { return under_way(s, job); })))
    return fail(ErrorCode::conflict, "job-under-way", "An update is being installed; wait until it is done.");
  auto incoming = TRY(files.receive(source.bytes));
  std::vector<char> piece(std::size_t{1} << 16);
  for (;;) {
    auto const got = TRY(source.read(piece));
    if (got == 0) break;
    TRY(incoming.add({piece.data(), got}));
  }
  TRY(incoming.finish());
  job = jobs::MachineInstallUpdate{incoming.name(), "", ""}.job();
  auto const id = TRY(ask_machine(call, system, job, "An update that was sent here is to be installed."));
  incoming.keep();
  return id;
}

Result<JobId> install_found(Call& call, Granted<access::System> const& system, contract::FoundUpdateId const& id) {
  auto const look = TRY(call.read([](store::Snapshot& s) { return known_machine(s); }));
  auto const found = std::ranges::find(look.seen.found, id.str(), &contract::FoundUpdate::id);
  if (found == look.seen.found.end())
    return fail(ErrorCode::not_found, "not-found", "There is no such update any more.");
  if (!found->compatible) return fail(ErrorCode::conflict, "update-not-for-us", found->problem);
  return ask_machine(call, system, jobs::MachineInstallUpdate{"", id.str(), found->version}.job(),
                     std::format("The update {} is to be installed.", found->version));
}

Result<JobId> check_updates(Call& call, Granted<access::System> const& system) {
  auto const policy = TRY(call.read([](store::Snapshot& s) { return update_policy(s); }));
  if (policy.channel_url.empty()) return fail(ErrorCode::conflict, "no-channel", "No update channel is set.");
  return ask_machine(call, system, jobs::MachineCheckUpdates{policy.channel_url.str(), false}.job(),
                     "The update channel is to be asked.");
}

Result<JobId> restart(Call& call, Granted<access::System> const& system, contract::Hostname const& confirm) {
  TRY(check_confirm(call, confirm));
  return ask_machine(call, system, jobs::MachineRestart{}.job(), "The machine is to restart.");
}

Result<JobId> power_off(Call& call, Granted<access::System> const& system, contract::Hostname const& confirm) {
  TRY(check_confirm(call, confirm));
  return ask_machine(call, system, jobs::MachinePowerOff{}.job(), "The machine is to be switched off.");
}

Result<JobId> factory_reset(Call& call, Granted<access::System> const& system, contract::FactoryReset const& wish) {
  TRY(check_confirm(call, wish.confirm));
  return ask_machine(call, system, jobs::MachineFactoryReset{wish}.job(),
                     wish.scope == contract::ResetScope::everything
                         ? "The machine is to be reset to how it was new, with everything on it."
                         : "The machine's settings are to be reset.");
}

Result<JobId> make_support_bundle(Call& call, Granted<access::System> const& system) {
  return ask_machine(call, system, jobs::MachineSupportBundle{}.job(), "A support bundle is to be made.");
}

Result<JobId> renew_certificate(Call& call, Granted<access::System> const& system) {
  return ask_machine(call, system, jobs::MachineRenewCertificate{}.job(), "The panel is to have a new certificate.");
}

Result<void> record_machine(Call& call, Granted<access::System> const&, jobs::MachineSeen const& seen) {
  return call.write(
      [&](store::Transaction& tx) -> Result<void> {
        auto const before = TRY(jobs::last_look(tx));
        // A job looked after this one did. The bound is for a clock that was turned back.
        if (before && before->at >= call.now && before->at - call.now < std::chrono::minutes(1)) return {};
        return jobs::record_machine(tx, seen);
      },
      store::Durability::process);
}

Result<std::set<std::string>> updates_in_use(Call& call, Granted<access::System> const&) {
  return call.read([](store::Snapshot& s) -> Result<std::set<std::string>> {
    std::set<std::string> names;
    for (auto const& job : TRY(s.jobs.active_of("machine")))
      if (auto const payload = jobs::payload_of<jobs::UpdatePayload>(job)) names.insert(payload->file);
    return names;
  });
}

}  // namespace berth::services
