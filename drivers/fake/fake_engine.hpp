// The engine in memory: the contract's rules without a machine. Unit tests, API tests and `./dev run --demo` run on it.
// Its guests start and stop at once, have a serial console that answers (fake_shell.hpp) and, VMs, a screen (fake_screen.hpp).
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "drivers/console/console_hub.hpp"
#include "drivers/contract/changes.hpp"
#include "drivers/contract/engine.hpp"
#include "drivers/fake/fake_state.hpp"
#include "drivers/fake/faults.hpp"
#include "drivers/fake/responder.hpp"
#include "firmware/base/clock.hpp"
#include "firmware/base/units.hpp"

namespace berth::fake {

struct FakeOptions {
  std::uint32_t cpus = 16;
  std::uint64_t memory_bytes = 64 * gib;
  std::uint64_t storage_bytes = 2048 * gib;
  std::filesystem::path state_file = {};  // kept there after every change; empty: nowhere
};

// Thread-safe.
class FakeEngine final : public contract::Engine {
 public:
  // Guests that ran when the state was saved run again: an engine may restart without its guests.
  static Result<std::unique_ptr<FakeEngine>> open(FakeOptions options = {});
  FakeEngine(FakeOptions options, FakeState state);

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

  // For tests.
  Faults& faults() { return faults_; }
  // A running guest ends by itself.
  void crash(contract::GuestId const& guest, std::string reason, std::optional<std::int32_t> exit_code);
  // It no longer heeds an orderly stop.
  void ignore_stops(contract::GuestId const& guest);

 private:
  Result<void> save();
  contract::GuestStatus status_of(std::string_view guest);
  Result<FakeGuest*> defined(contract::GuestId const& guest);
  Result<contract::GuestStatus> set_paused(contract::GuestId const& guest, bool paused);
  void plug_console(FakeGuest const& guest);
  void halt(FakeGuest& guest, contract::GuestState state, std::string reason, std::optional<std::int32_t> exit_code);
  std::uint64_t storage_used() const;
  std::uint64_t memory_used() const;

  FakeOptions const options_;
  SystemClock clock_;
  Faults faults_;
  contract::Changes changes_;
  Responder responder_;
  console::ConsoleHub consoles_;  // its connectors use responder_
  std::mutex mutex_;
  FakeState state_;  // guarded by mutex_, as is what follows
  std::set<std::string> stubborn_;
};

}  // namespace berth::fake
