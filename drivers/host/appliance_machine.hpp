// The machine that this engine runs on (contract::Machine). On the appliance everything; on a development host it tells and
// changes nothing: Error{unsupported, "not-an-appliance"}.
#pragma once

#include <memory>
#include <mutex>

#include "drivers/contract/machine.hpp"
#include "drivers/host/machine_network.hpp"
#include "drivers/host/machine_paths.hpp"
#include "drivers/host/system_bus.hpp"
#include "drivers/host/updates.hpp"

namespace berth::host {

// The files that services read before the engine runs, from what is kept: networkd's and timesyncd's. Nothing outside the appliance.
Result<void> write_service_settings(MachinePaths const& paths);

// Thread-safe. Changes go one at a time.
class ApplianceMachine final : public contract::Machine {
 public:
  // Mends what the last engine left half done.
  static Result<std::unique_ptr<ApplianceMachine>> open(MachinePaths paths, std::unique_ptr<SystemBus> bus,
                                                        std::unique_ptr<UpdateService> updates);
  ApplianceMachine(MachinePaths paths, std::unique_ptr<SystemBus> bus, std::unique_ptr<UpdateService> updates);

  Result<contract::MachineFacts> facts() override;
  Result<void> set_hostname(contract::Hostname const& name) override;
  Result<contract::TimeSettings> time_settings() override;
  Result<void> set_time(contract::TimeSettings const& settings) override;
  Result<contract::NetworkState> network() override;
  Result<void> try_network(contract::TryNetwork const& wish) override;
  Result<void> confirm_network() override;
  Result<void> revert_network() override;
  Result<contract::SshSettings> ssh() override;
  Result<void> set_ssh(contract::SshSettings const& settings) override;
  Result<contract::Slots> slots() override;
  Result<void> choose_slot(contract::SlotName slot) override;
  Result<void> install_update(Descriptor bundle) override;
  Result<contract::UpdateProgress> update() override;
  Result<std::vector<contract::FoundUpdate>> find_updates() override;
  Result<void> install_found(contract::FoundUpdateId const& id) override;
  Result<void> power(contract::PowerAct act) override;
  Result<void> factory_reset(contract::FactoryReset const& wish) override;
  Result<Descriptor> support_bundle() override;

 private:
  Result<void> may_change() const;

  MachinePaths const paths_;
  std::unique_ptr<SystemBus> bus_;
  std::mutex changing_;
  MachineNetwork network_;
  Updates updates_;
};

}  // namespace berth::host
