// The composition root: the only place that names the concrete parts of this machine's engine.
#pragma once

#include "drivers/console/console_hub.hpp"
#include "drivers/container/container_driver.hpp"
#include "drivers/engine/host_engine.hpp"
#include "drivers/host/appliance_machine.hpp"
#include "drivers/kvm/kvm_driver.hpp"
#include "drivers/network/nft_network.hpp"
#include "drivers/storage/local_disk_store.hpp"

namespace berth::engine {

// In the order in which the parts need each other.
struct Machine {
  std::unique_ptr<console::ConsoleHub> consoles;
  std::unique_ptr<storage::LocalDiskStore> disks;
  std::unique_ptr<network::NftNetwork> network;
  std::unique_ptr<kvm::KvmDriver> vms;
  std::unique_ptr<container::ContainerDriver> containers;
  std::unique_ptr<HostEngine> engine;
};

// Proves the accelerator, brings back the network that was kept and the consoles of containers that run. The folders exist.
// `sandbox`: the path of berth-sandbox.
Result<Machine> assemble(contract::Directories const& directories, std::filesystem::path const& sandbox);

// The machine that the guests run on. Takes back a network that the last engine tried; only an engine that serves needs it.
Result<std::unique_ptr<host::ApplianceMachine>> itself(contract::Directories const& directories);

}  // namespace berth::engine
