// The engine behind a UNIX socket, by varlink. What the panel uses. Thread-safe; never hangs (caller.hpp).
#pragma once

#include <chrono>
#include <filesystem>

#include "drivers/contract/caller.hpp"
#include "drivers/contract/engine.hpp"

namespace berth::contract {

struct Deadlines {
  std::chrono::milliseconds read =
      std::chrono::seconds{10};  // host, images, guest, guests, open_console, resize_console
  std::chrono::milliseconds act = std::chrono::seconds{60};  // what makes or changes something
  std::chrono::milliseconds import = std::chrono::minutes{30};
  std::chrono::milliseconds stop_grace = std::chrono::seconds{15};  // beyond the timeout that stop_guest was given
};

class EngineClient final : public Engine {
 public:
  explicit EngineClient(std::filesystem::path socket, Deadlines deadlines = {});

  Result<HostFacts> host() override;
  Result<ImageFacts> import_image(ImportImage const& wish, Descriptor file) override;
  Result<std::vector<ImageFacts>> images() override;
  Result<void> remove_image(ImageName const& image) override;
  Result<void> create_disk(CreateDisk const& wish) override;
  Result<void> delete_disk(GuestId const& guest) override;
  Result<void> ensure_network(NetworkSpec const& network) override;
  Result<void> connect_network(GuestId const& guest, NicSpec const& nic) override;
  Result<void> disconnect_network(GuestId const& guest) override;
  Result<void> define_guest(GuestSpec const& spec) override;
  Result<void> undefine_guest(GuestId const& guest) override;
  Result<GuestStatus> start_guest(GuestId const& guest) override;
  Result<GuestStatus> stop_guest(StopGuest const& wish) override;
  Result<GuestStatus> pause_guest(GuestId const& guest) override;
  Result<GuestStatus> resume_guest(GuestId const& guest) override;
  Result<GuestStatus> guest(GuestId const& guest) override;
  Result<std::vector<GuestStatus>> guests() override;
  // On a connection of its own, beside the pool's.
  Result<void> monitor(std::stop_token const& stop, GuestNewsListener const& heard) override;
  Result<Descriptor> open_console(GuestId const& guest, ConsoleKind kind) override;
  Result<void> resize_console(GuestId const& guest, ConsoleSize const& size) override;

 private:
  Deadlines const deadlines_;
  Caller caller_;
};

}  // namespace berth::contract
