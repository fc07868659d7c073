// Virtual machines through libvirt's qemu:///system.
//
// Truth about guests is libvirt's; this driver keeps none of its own beside it. What it owns in the file system:
//   state/guests/GUEST/seed.iso            the NoCloud answers, attached as a CD-ROM
//   runtime/guests/GUEST/serial.sock       the serial port: one listener, read by the console hub alone
// Every libvirt call has a deadline: with libvirtd stopped or hung each call here ends within about ten seconds with
// Error{timed_out} or Error{unavailable}, and the next one after it came back works again (threat 10).
// Thread-safe. The constructor does not talk to libvirt and does not fail.
#pragma once

#include <memory>

#include "drivers/contract/driver.hpp"

namespace berth::console {
class ConsoleHub;
}

namespace berth::kvm {

struct KvmSettings {
  std::string socket = "/run/libvirt/libvirt-sock";
  std::filesystem::path pid_files = "/run/libvirt/qemu";  // NAME.pid
  std::filesystem::path logs = "/var/log/libvirt/qemu";   // NAME.log, removed with the guest
};

class KvmDriver final : public contract::GuestDriver {
 public:
  // `disks` and `consoles` must outlive the driver.
  KvmDriver(contract::Directories directories, contract::DiskStore& disks, console::ConsoleHub& consoles,
            contract::Accelerator accelerator, KvmSettings settings = {});
  ~KvmDriver() override;

  void on_change(contract::ChangeListener listener) override;
  Result<void> define(contract::GuestSpec const& spec) override;
  Result<void> undefine(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> start(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> stop(contract::StopGuest const& wish) override;
  Result<contract::GuestStatus> pause(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> resume(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> status(contract::GuestId const& guest) override;
  // Also takes up again the serial ports of guests that were running before this process.
  Result<std::vector<contract::GuestStatus>> list() override;
  Result<Descriptor> open_console(contract::GuestId const& guest, contract::ConsoleKind kind) override;
  Result<void> resize_console(contract::GuestId const& guest, contract::ConsoleSize const& size) override;

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace berth::kvm
