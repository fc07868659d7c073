#include "drivers/contract/machine_client.hpp"

#include "drivers/contract/wire.hpp"

namespace berth::contract {

MachineClient::MachineClient(std::filesystem::path socket, MachineDeadlines deadlines)
    : deadlines_(deadlines), caller_(std::move(socket)) {}

Result<MachineFacts> MachineClient::facts() {
  return TRY(caller_.call<wire::FactsReply>("org.berth.Machine.Facts", wire::Nothing{}, deadlines_.read)).facts;
}

Result<void> MachineClient::set_hostname(Hostname const& name) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.SetHostname", wire::OfHostname{name}, deadlines_.act));
  return {};
}

Result<TimeSettings> MachineClient::time_settings() {
  return TRY(caller_.call<wire::TimeReply>("org.berth.Machine.TimeSettingsNow", wire::Nothing{}, deadlines_.read))
      .settings;
}

Result<void> MachineClient::set_time(TimeSettings const& settings) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.SetTime", settings, deadlines_.act));
  return {};
}

Result<NetworkState> MachineClient::network() {
  return TRY(caller_.call<wire::NetworkReply>("org.berth.Machine.Network", wire::Nothing{}, deadlines_.read)).network;
}

Result<void> MachineClient::try_network(TryNetwork const& wish) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.TryNetwork", wish, deadlines_.act));
  return {};
}

Result<void> MachineClient::confirm_network() {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.ConfirmNetwork", wire::Nothing{}, deadlines_.act));
  return {};
}

Result<void> MachineClient::revert_network() {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.RevertNetwork", wire::Nothing{}, deadlines_.act));
  return {};
}

Result<SshSettings> MachineClient::ssh() {
  return TRY(caller_.call<wire::SshReply>("org.berth.Machine.Ssh", wire::Nothing{}, deadlines_.read)).ssh;
}

Result<void> MachineClient::set_ssh(SshSettings const& settings) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.SetSsh", settings, deadlines_.act));
  return {};
}

Result<Slots> MachineClient::slots() {
  return TRY(caller_.call<wire::SlotsReply>("org.berth.Machine.SlotsNow", wire::Nothing{}, deadlines_.read)).slots;
}

Result<void> MachineClient::choose_slot(SlotName slot) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.ChooseSlot", wire::OfSlot{slot}, deadlines_.act));
  return {};
}

Result<void> MachineClient::install_update(Descriptor bundle) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.InstallUpdate", wire::Nothing{}, deadlines_.bundle, &bundle));
  return {};
}

Result<UpdateProgress> MachineClient::update() {
  return TRY(caller_.call<wire::UpdateReply>("org.berth.Machine.Update", wire::Nothing{}, deadlines_.read)).update;
}

Result<std::vector<FoundUpdate>> MachineClient::find_updates() {
  return TRY(caller_.call<wire::FoundUpdatesReply>("org.berth.Machine.FindUpdates", wire::Nothing{}, deadlines_.bundle))
      .updates;
}

Result<void> MachineClient::install_found(FoundUpdateId const& id) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.InstallFound", wire::OfFoundUpdate{id}, deadlines_.bundle));
  return {};
}

Result<void> MachineClient::power(PowerAct act) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.Power", wire::OfPower{act}, deadlines_.act));
  return {};
}

Result<void> MachineClient::factory_reset(FactoryReset const& wish) {
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.FactoryReset", wish, deadlines_.act));
  return {};
}

Result<Descriptor> MachineClient::support_bundle() {
  Descriptor bundle;
  TRY(caller_.call<wire::Nothing>("org.berth.Machine.SupportBundle", wire::Nothing{}, deadlines_.collect, nullptr,
                                  &bundle));
  return bundle;
}

}  // namespace berth::contract
