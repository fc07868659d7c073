#include "drivers/engine/program/machine.hpp"

#include "drivers/engine/boot_id.hpp"
#include "drivers/host/accelerator_probe.hpp"
#include "drivers/host/host_facts.hpp"
#include "firmware/base/log.hpp"

namespace berth::engine {

Result<Machine> assemble(contract::Directories const& directories, std::filesystem::path const& sandbox) {
  Machine machine;
  machine.consoles = std::make_unique<console::ConsoleHub>();
  machine.disks = TRY(storage::LocalDiskStore::open(directories, sandbox));
  machine.network = std::make_unique<network::NftNetwork>(directories);
  TRY(machine.network->restore());
  auto const verdict = host::accelerator(directories.runtime);
  log(LogLevel::notice, "engine", verdict.reason,
      {{"accelerator", verdict.accelerator == contract::Accelerator::kvm ? "kvm" : "tcg"}});
  machine.vms = std::make_unique<kvm::KvmDriver>(directories, *machine.disks, *machine.consoles, verdict.accelerator);
  machine.containers =
      TRY(container::ContainerDriver::open(directories, *machine.disks, *machine.network, *machine.consoles));
  machine.engine = std::make_unique<HostEngine>(EngineParts{
      .disks = *machine.disks,
      .network = *machine.network,
      .vms = *machine.vms,
      .containers = *machine.containers,
      .facts = [directories, verdict] { return host::read_host_facts(directories, verdict); },
      .directories = directories,
      .boot_id = TRY(boot_id(directories.runtime)),
  });
  return machine;
}

Result<std::unique_ptr<host::ApplianceMachine>> itself(contract::Directories const& directories) {
  host::MachinePaths paths;
  paths.runtime = directories.runtime;
  paths.updates = directories.state / "updates";
  return host::ApplianceMachine::open(std::move(paths), host::system_bus(), host::update_service());
}

}  // namespace berth::engine
