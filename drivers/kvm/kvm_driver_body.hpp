// What the driver's parts share.
#pragma once

#include "drivers/console/console_hub.hpp"
#include "drivers/kvm/domain_status.hpp"
#include "drivers/kvm/guest_files.hpp"
#include "drivers/kvm/kvm_driver.hpp"
#include "drivers/kvm/libvirt.hpp"
#include "drivers/kvm/lifecycle_watch.hpp"

namespace berth::kvm {

class KvmDriver::Body {
 public:
  Body(contract::Directories places, contract::DiskStore& disk_store, console::ConsoleHub& hub,
       contract::Accelerator wanted, KvmSettings chosen)
      : directories(std::move(places)),
        disks(disk_store),
        consoles(hub),
        accelerator(wanted),
        settings(std::move(chosen)) {}

  // Read now; the console hub is told by the way whether there is a serial port.
  Result<contract::GuestStatus> status(contract::GuestId const& guest);
  void explain(contract::GuestStatus& status);
  void follow_console(contract::GuestId const& guest, contract::GuestState state);

  // act(domain) -> int, libvirt's way: below 0 is failure. Errors: not_found, and what libvirt says.
  template <class Act>
  Result<void> with_domain(contract::GuestId const& guest, Patience patience, std::string_view attempt, Act act) {
    return libvirt.call(patience, [&](virConnectPtr connection) -> Result<void> {
      auto const domain = TRY(find_domain(connection, guest));
      if (domain == nullptr) return fail(ErrorCode::not_found, "guest-not-found", "there is no such guest");
      if (act(domain.get()) < 0) return libvirt_error(attempt);
      return {};
    });
  }

  contract::Directories const directories;
  contract::DiskStore& disks;
  console::ConsoleHub& consoles;
  contract::Accelerator const accelerator;
  KvmSettings const settings;
  Libvirt libvirt{settings.socket};
  std::unique_ptr<LifecycleWatch> watch;
  EventLoop events;
};

}  // namespace berth::kvm
