// The machine behind the engine's socket, by varlink. What the panel and the console use. Thread-safe; never hangs (caller.hpp).
#pragma once

#include <chrono>
#include <filesystem>

#include "drivers/contract/caller.hpp"
#include "drivers/contract/machine.hpp"

namespace berth::contract {

struct MachineDeadlines {
  std::chrono::milliseconds read = std::chrono::seconds{10};
  std::chrono::milliseconds act = std::chrono::seconds{60};     // what changes something
  std::chrono::milliseconds bundle = std::chrono::minutes{5};   // looking at updates, copying one
  std::chrono::milliseconds collect = std::chrono::minutes{5};  // support_bundle
};

class MachineClient final : public Machine {
 public:
  explicit MachineClient(std::filesystem::path socket, MachineDeadlines deadlines = {});

  Result<MachineFacts> facts() override;
  Result<void> set_hostname(Hostname const& name) override;
  Result<TimeSettings> time_settings() override;
  Result<void> set_time(TimeSettings const& settings) override;
  Result<NetworkState> network() override;
  Result<void> try_network(TryNetwork const& wish) override;
  Result<void> confirm_network() override;
  Result<void> revert_network() override;
  Result<SshSettings> ssh() override;
  Result<void> set_ssh(SshSettings const& settings) override;
  Result<Slots> slots() override;
  Result<void> choose_slot(SlotName slot) override;
  Result<void> install_update(Descriptor bundle) override;
  Result<UpdateProgress> update() override;
  Result<std::vector<FoundUpdate>> find_updates() override;
  Result<void> install_found(FoundUpdateId const& id) override;
  Result<void> power(PowerAct act) override;
  Result<void> factory_reset(FactoryReset const& wish) override;
  Result<Descriptor> support_bundle() override;

 private:
  MachineDeadlines const deadlines_;
  Caller caller_;
};

}  // namespace berth::contract
