// Containers by crun and conmon: one user namespace range, one disk, one cgroup, one terminal a guest.
//
//   state/guests/GUEST/container.json   the spec and the id range; written by define, removed by undefine
//   runtime/containers/GUEST/           what exists while it runs: rootfs mount, OCI bundle, conmon's sockets, exit
//   code
//
// Thread-safe; calls for one guest take turns.
#pragma once

#include <memory>

#include "drivers/contract/driver.hpp"

namespace berth::console {
class ConsoleHub;
}

namespace berth::container {

class Cgroup;

class ContainerDriver final : public contract::GuestDriver {
  struct Parts;

 public:
  // Finds the containers that run already and attaches their consoles again. The references must outlive the driver.
  static Result<std::unique_ptr<ContainerDriver>> open(contract::Directories directories, contract::DiskStore& disks,
                                                       contract::Network& network, console::ConsoleHub& consoles);
  explicit ContainerDriver(std::unique_ptr<Parts> parts);  // by open()
  ~ContainerDriver() override;

  void on_change(contract::ChangeListener listener) override;
  Result<void> define(contract::GuestSpec const& spec) override;
  Result<void> undefine(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> start(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> stop(contract::StopGuest const& wish) override;
  Result<contract::GuestStatus> pause(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> resume(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> status(contract::GuestId const& guest) override;
  Result<std::vector<contract::GuestStatus>> list() override;
  Result<Descriptor> open_console(contract::GuestId const& guest, contract::ConsoleKind kind) override;
  Result<void> resize_console(contract::GuestId const& guest, contract::ConsoleSize const& size) override;

 private:
  Result<contract::GuestStatus> set_frozen(contract::GuestId const& guest, Result<void> (Cgroup::*act)());
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::container
