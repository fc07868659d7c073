// A machine in memory: keeps what it is told, and takes back an unconfirmed network when its clock says so.
// For tests and for the panel's demonstration; nothing outside the process changes. Thread-safe.
#pragma once

#include <mutex>
#include <optional>

#include "drivers/contract/machine.hpp"
#include "drivers/fake/fake_updates.hpp"
#include "drivers/fake/faults.hpp"
#include "firmware/base/clock.hpp"

namespace berth::fake {

struct FakeMachineOptions {
  bool appliance = true;  // false: whatever changes the machine is refused, as on a development host
  std::chrono::milliseconds update_takes{0};  // by the clock; 0: at once
};

class FakeMachine final : public contract::Machine {
 public:
  explicit FakeMachine(Clock const& clock, FakeMachineOptions options = {});

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
  // What a bundle is here: fake_updates.hpp.
  Result<void> install_update(Descriptor bundle) override;
  Result<contract::UpdateProgress> update() override;
  Result<std::vector<contract::FoundUpdate>> find_updates() override;
  Result<void> install_found(contract::FoundUpdateId const& id) override;
  Result<void> power(contract::PowerAct act) override;
  Result<void> factory_reset(contract::FactoryReset const& wish) override;
  Result<Descriptor> support_bundle() override;

  // For tests: what power() and factory_reset() were asked for last.
  std::optional<contract::PowerAct> asked_power() const;
  std::optional<contract::ResetScope> asked_reset() const;
  // Calls are named as in machine.hpp.
  Faults& faults() { return faults_; }
  // Into the slot that comes next.
  void restarted();
  // The installation that runs, or else the next one, fails halfway with this reason.
  void fail_update(std::string reason);

 private:
  Result<void> may_change() const;
  Result<void> may(std::string_view call);  // told what goes wrong, and whether it may change anything
  void take_back_when_due();                // mutex_ held

  Clock const& clock_;
  FakeMachineOptions const options_;
  Faults faults_;
  mutable std::mutex mutex_;
  std::string hostname_ = "berth";
  contract::TimeSettings time_;
  contract::NetworkSettings kept_;
  std::optional<contract::NetworkSettings> tried_;
  Moment tried_until_;
  bool confirmed_ = false;  // how the last trial ended
  contract::SshSettings ssh_;
  FakeUpdates updates_;
  std::optional<contract::PowerAct> power_;
  std::optional<contract::ResetScope> reset_;
};

}  // namespace berth::fake
