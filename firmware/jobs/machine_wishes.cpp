#include "firmware/jobs/machine_wishes.hpp"

#include <algorithm>
#include <array>

#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

store::NewJob about_machine(JobType const& type, std::string title, std::string payload = "{}") {
  store::NewJob job;
  job.type = type.name;
  job.title = std::move(title);
  job.payload = std::move(payload);
  job.steps = step_names(type);
  return job;
}

// What decides which release runs next.
constexpr std::array about_releases{std::string_view("machine.install-update"),
                                    std::string_view("machine.check-updates"), std::string_view("machine.choose-slot")};
// What ends the machine's uptime.
constexpr std::array about_power{std::string_view("machine.restart"), std::string_view("machine.power-off"),
                                 std::string_view("machine.factory-reset")};

}  // namespace

store::NewJob MachineSetHostname::job() const {
  return about_machine(machine_set_hostname, "Name the machine " + hostname.str(),
                       write_json(HostnamePayload{hostname}));
}
store::NewJob MachineSetTime::job() const {
  return about_machine(machine_set_time, "Set the machine's clock", write_json(TimePayload{settings, false}));
}
store::NewJob MachineTryNetwork::job() const {
  return about_machine(machine_try_network, "Try network settings", write_json(wish));
}
store::NewJob MachineConfirmNetwork::job() const {
  return about_machine(machine_confirm_network, "Keep the network settings");
}
store::NewJob MachineRevertNetwork::job() const {
  return about_machine(machine_revert_network, "Take the network settings back");
}
store::NewJob MachineSetSsh::job() const {
  return about_machine(machine_set_ssh, "Set who may use SSH", write_json(settings));
}
store::NewJob MachineInstallUpdate::job() const {
  UpdatePayload payload;
  payload.file = file;
  payload.found = found;
  payload.version = version;
  return about_machine(machine_install_update, version.empty() ? "Install an update" : "Install the update " + version,
                       write_json(payload));
}
store::NewJob MachineCheckUpdates::job() const {
  UpdatePayload payload;
  payload.channel_url = channel_url;
  payload.automatic = automatic;
  return about_machine(machine_check_updates, "Look for an update", write_json(payload));
}
store::NewJob MachineChooseSlot::job() const {
  return about_machine(machine_choose_slot,
                       "Start from slot " + std::string(boost::describe::enum_to_string(slot, "")) + " next",
                       write_json(SlotPayload{slot}));
}
store::NewJob MachineRestart::job() const {
  return about_machine(machine_restart, "Restart the machine", write_json(PowerPayload{}));
}
store::NewJob MachinePowerOff::job() const {
  return about_machine(machine_power_off, "Switch the machine off", write_json(PowerPayload{}));
}
store::NewJob MachineFactoryReset::job() const {
  return about_machine(machine_factory_reset,
                       wish.scope == contract::ResetScope::everything ? "Reset the machine to how it was new"
                                                                      : "Reset the machine's settings",
                       write_json(PowerPayload{"", wish}));
}
store::NewJob MachineSupportBundle::job() const {
  return about_machine(machine_support_bundle, "Make a support bundle");
}
store::NewJob MachineRenewCertificate::job() const {
  return about_machine(machine_renew_certificate, "Make a new certificate");
}

bool is_same_machine_wish(store::Job const& job, store::NewJob const& wish) {
  if (job.type != wish.type || job.title != wish.title) return false;
  // The title of these says all, and what their steps journal in the payload was no part of the wish.
  return std::ranges::contains(about_power, job.type) || job.type == machine_check_updates.name ||
         job.payload == wish.payload;
}

bool exclude_each_other(std::string_view one, std::string_view other) {
  auto const releases = [](std::string_view type) { return std::ranges::contains(about_releases, type); };
  auto const power = [](std::string_view type) { return std::ranges::contains(about_power, type); };
  return one == other || (releases(one) && (releases(other) || power(other))) ||
         (power(one) && (power(other) || releases(other)));
}

}  // namespace berth::jobs
