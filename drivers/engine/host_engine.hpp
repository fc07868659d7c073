// The engine of this machine, put together from its parts (contract/driver.hpp). It knows none of them by its concrete name:
// the composition root is program/main.cpp, and tests hold it with parts of their own.
//
// Its own file is state/guests/GUEST/memory-bytes: what the definition grants, so that start() can tell before it tries.
//
// What it adds to them: input is checked before any part sees it; acts on one guest take turns while those on different
// guests run side by side; rules that span parts (a running guest keeps its disk; a guest starts with disk and network, and
// only where its memory can be had); and one view of a guest out of what its driver, its disk and its network say.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "drivers/contract/changes.hpp"
#include "drivers/contract/driver.hpp"
#include "drivers/contract/engine.hpp"
#include "drivers/engine/guest_locks.hpp"

namespace berth::engine {

struct EngineParts {
  contract::DiskStore& disks;
  contract::Network& network;
  contract::GuestDriver& vms;
  contract::GuestDriver& containers;
  std::function<Result<contract::HostFacts>()> facts;
  contract::Directories directories;
  std::string boot_id;
};

// Thread-safe. The parts must outlive it.
class HostEngine final : public contract::Engine {
 public:
  explicit HostEngine(EngineParts parts);

  Result<contract::HostFacts> host() override;
  Result<contract::ImageFacts> import_image(contract::ImportImage const& wish, Descriptor file) override;
  Result<std::vector<contract::ImageFacts>> images() override;
  Result<void> remove_image(contract::ImageName const& image) override;
  Result<void> create_disk(contract::CreateDisk const& wish) override;
  Result<void> delete_disk(contract::GuestId const& guest) override;
  Result<void> ensure_network(contract::NetworkSpec const& network) override;
  Result<void> connect_network(contract::GuestId const& guest, contract::NicSpec const& nic) override;
  Result<void> disconnect_network(contract::GuestId const& guest) override;
  Result<void> define_guest(contract::GuestSpec const& spec) override;
  Result<void> undefine_guest(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> start_guest(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> stop_guest(contract::StopGuest const& wish) override;
  Result<contract::GuestStatus> pause_guest(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> resume_guest(contract::GuestId const& guest) override;
  Result<contract::GuestStatus> guest(contract::GuestId const& guest) override;
  Result<std::vector<contract::GuestStatus>> guests() override;
  Result<void> monitor(std::stop_token const& stop, contract::GuestNewsListener const& heard) override;
  Result<Descriptor> open_console(contract::GuestId const& guest, contract::ConsoleKind kind) override;
  Result<void> resize_console(contract::GuestId const& guest, contract::ConsoleSize const& size) override;

 private:
  using StatusCall = Result<contract::GuestStatus> (contract::GuestDriver::*)(contract::GuestId const&);

  struct Sight {
    contract::GuestDriver* driver = nullptr;  // null: no driver knows the guest
    contract::GuestStatus status;
  };

  Result<GuestLocks::Hold> hold(contract::GuestId const& guest);
  Result<Sight> look(contract::GuestId const& guest);
  Result<Sight> look_known(contract::GuestId const& guest);
  Result<void> must_not_run(contract::GuestId const& guest);
  Result<void> may_start(contract::GuestId const& guest, contract::GuestKind kind);
  Result<void> memory_suffices(contract::GuestId const& guest, contract::GuestKind kind);
  std::filesystem::path memory_file(contract::GuestId const& guest) const;
  Result<contract::GuestStatus> act(contract::GuestId const& guest, StatusCall call);
  Result<contract::GuestStatus> changed(Result<contract::GuestStatus> status, contract::GuestId const& guest);
  contract::GuestStatus with_figures(contract::GuestStatus status, bool connected);
  std::array<std::filesystem::path, 3> homes_of_guests() const;
  Result<std::vector<std::string>> folders_of_guests() const;
  void remove_empty_folders(contract::GuestId const& guest) const;

  EngineParts const parts_;
  GuestLocks locks_;
  std::shared_ptr<contract::Changes> const changes_ =
      std::make_shared<contract::Changes>();  // drivers may outlive this
};

}  // namespace berth::engine
