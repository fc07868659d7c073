#include "drivers/host/appliance_machine.hpp"

#include <unistd.h>

#include <cerrno>

#include "drivers/contract/machine_checks.hpp"
#include "drivers/host/machine_facts.hpp"
#include "drivers/host/machine_name.hpp"
#include "drivers/host/machine_time.hpp"
#include "drivers/host/ssh_access.hpp"
#include "drivers/host/support_bundle.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth::host {

using namespace contract;

namespace {

Result<void> take_back(std::filesystem::path const& wish) {
  if (::unlink(wish.c_str()) == 0 || errno == ENOENT) return sync_directory(wish.parent_path());
  auto error = fail_errno(errno, "remove " + wish.string()).error();
  error.slug = "reset-not-taken-back";
  error.message = "The machine did not restart, and its next start will reset it: the wish could not be taken back.";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> write_service_settings(MachinePaths const& paths) {
  if (!is_appliance(paths)) return {};
  TRY(write_network_files(paths));
  return write_time_files(paths, TRY(kept_time(paths)));
}

Result<std::unique_ptr<ApplianceMachine>> ApplianceMachine::open(MachinePaths paths, std::unique_ptr<SystemBus> bus,
                                                                 std::unique_ptr<UpdateService> updates) {
  auto machine = std::make_unique<ApplianceMachine>(std::move(paths), std::move(bus), std::move(updates));
  if (!machine->may_change()) return machine;
  if (auto named = apply_kept_name(machine->paths_); !named)
    log(LogLevel::error, "host", "the machine's name", {{"why", describe(named.error())}});
  machine->network_.begin();
  machine->updates_.begin();
  return machine;
}

ApplianceMachine::ApplianceMachine(MachinePaths paths, std::unique_ptr<SystemBus> bus,
                                   std::unique_ptr<UpdateService> updates)
    : paths_(std::move(paths)), bus_(std::move(bus)), network_(paths_, *bus_), updates_(paths_, std::move(updates)) {}

Result<void> ApplianceMachine::may_change() const {
  if (is_appliance(paths_)) return {};
  return fail(ErrorCode::unsupported, "not-an-appliance",
              "This machine was not set up by Berth, which leaves it alone.");
}

Result<MachineFacts> ApplianceMachine::facts() {
  return read_machine_facts(paths_);
}

Result<void> ApplianceMachine::set_hostname(Hostname const& name) {
  TRY(may_change());
  TRY(check_machine_name(name));
  std::lock_guard lock(changing_);
  TRY(keep_name(paths_, name));
  return apply_kept_name(paths_);
}

Result<TimeSettings> ApplianceMachine::time_settings() {
  return kept_time(paths_);
}

Result<void> ApplianceMachine::set_time(TimeSettings const& settings) {
  TRY(may_change());
  TRY(check(settings));
  std::lock_guard lock(changing_);
  TRY(keep_time(paths_, settings));
  TRY(write_time_files(paths_, settings));
  return apply_time(*bus_, settings);
}

Result<NetworkState> ApplianceMachine::network() {
  return network_.state();
}

Result<void> ApplianceMachine::try_network(TryNetwork const& wish) {
  TRY(may_change());
  return network_.attempt(wish);
}

Result<void> ApplianceMachine::confirm_network() {
  TRY(may_change());
  return network_.confirm();
}

Result<void> ApplianceMachine::revert_network() {
  TRY(may_change());
  return network_.revert();
}

Result<SshSettings> ApplianceMachine::ssh() {
  return kept_ssh(paths_);
}

Result<void> ApplianceMachine::set_ssh(SshSettings const& settings) {
  TRY(may_change());
  TRY(check(settings));
  std::lock_guard lock(changing_);
  return set_ssh_access(paths_, *bus_, settings);
}

Result<Slots> ApplianceMachine::slots() {
  TRY(may_change());
  return updates_.slots();
}

Result<void> ApplianceMachine::choose_slot(SlotName slot) {
  TRY(may_change());
  return updates_.choose_slot(slot);
}

Result<void> ApplianceMachine::install_update(Descriptor bundle) {
  TRY(may_change());
  return updates_.install(std::move(bundle));
}

Result<UpdateProgress> ApplianceMachine::update() {
  TRY(may_change());
  return updates_.progress();
}

Result<std::vector<FoundUpdate>> ApplianceMachine::find_updates() {
  TRY(may_change());
  return updates_.find();
}

Result<void> ApplianceMachine::install_found(FoundUpdateId const& id) {
  TRY(may_change());
  TRY(check_found_update_id(id));
  return updates_.install_found(id);
}

Result<void> ApplianceMachine::power(PowerAct act) {
  TRY(may_change());
  std::lock_guard lock(changing_);
  return bus_->start_irreversibly(act == PowerAct::restart ? "reboot.target" : "poweroff.target");
}

Result<void> ApplianceMachine::factory_reset(FactoryReset const& wish) {
  TRY(may_change());
  TRY(check(wish));
  std::lock_guard lock(changing_);
  if (wish.confirm.str() != TRY(read_machine_facts(paths_)).hostname)
    return fail(ErrorCode::precondition_failed, "wrong-machine", "That is not this machine's name.");
  // Read by the initramfs, before anything of the system has the partitions open.
  auto const kept = paths_.settings / "factory-reset";
  TRY(replace_file(kept, wish.scope == ResetScope::everything ? "everything\n" : "settings\n", 0600));
  auto restarting = bus_->start_irreversibly("reboot.target");
  // Whoever is told that it failed does not expect it from the next restart, weeks later.
  if (!restarting) TRY(take_back(kept));
  return restarting;
}

Result<Descriptor> ApplianceMachine::support_bundle() {
  auto const facts = TRY(read_machine_facts(paths_));
  auto const network = network_.state();
  return make_support_bundle({{"facts.json", write_json(facts) + "\n"},
                              {"network.json", (network ? write_json(*network) : describe(network.error())) + "\n"}},
                             support_programs());
}

}  // namespace berth::host
