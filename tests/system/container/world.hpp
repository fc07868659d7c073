// A store, a driver and a network that only counts, in folders of a test's own; and what the machine looks like from
// outside.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "drivers/console/console_hub.hpp"
#include "drivers/container/container_driver.hpp"
#include "drivers/storage/local_disk_store.hpp"
#include "tests/support/oci_image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::container {

// Connects nobody to anything, and says so. `on_plug` may fail, or end the process.
class CountingNetwork final : public contract::Network {
 public:
  Result<void> ensure_network(contract::NetworkSpec const&) override { return {}; }
  Result<void> connect(contract::GuestId const&, contract::NicSpec const&) override { return {}; }
  Result<void> disconnect(contract::GuestId const&) override { return {}; }
  Result<void> plug_namespace(contract::GuestId const&, int netns) override;
  Result<contract::NicCounters> counters(contract::GuestId const&) override { return contract::NicCounters{}; }
  Result<std::vector<std::string>> connected_guests() override { return std::vector<std::string>{}; }

  std::function<Result<void>()> on_plug = [] { return Result<void>(); };
  std::set<std::uint64_t> namespaces;  // inode numbers of those that were plugged
};

class World {
 public:
  explicit World(std::filesystem::path folder);
  ~World();

  // As after a crash and a new start of the engine: nothing in memory survives.
  void restart_engine();

  void import(std::string const& name, support::OciImage const& image);
  void import_tiny();
  // Disk and definition, from JSON's defaults: 1 vcpu, 64 MiB, 64 MiB disk.
  contract::GuestId add(int number, std::string const& image, std::uint64_t memory_bytes = 64 << 20,
                        std::uint64_t disk_bytes = 64 << 20);
  Result<void> define(int number, std::string const& image, std::uint64_t memory_bytes = 64 << 20,
                      std::uint64_t disk_bytes = 64 << 20);
  static contract::GuestId guest(int number);
  static contract::StopGuest stop_wish(contract::GuestId const& guest, int timeout_s, bool force);
  // Waits until the guest is in that state.
  contract::GuestStatus wait_for(contract::GuestId const& guest, contract::GuestState state);
  std::string wait_for_text(Descriptor const& console, std::string const& text);
  // Until the guest's shell asks for a command.
  void reach_prompt(Descriptor const& console);
  // Types a command into a new console of the tiny image and returns what it said, up to its exit status.
  std::string ask(contract::GuestId const& guest, std::string const& command);

  // Everything of ours that somebody could see: mounts, loop devices, groups, processes, files. Sorted, one a line.
  std::string traces() const;
  pid_t first_process(contract::GuestId const& guest) const;

  std::filesystem::path state() const { return folder_ / "state"; }
  std::filesystem::path runtime() const { return folder_ / "run"; }
  contract::GuestDriver& driver() { return *driver_; }
  storage::LocalDiskStore& disks() { return *disks_; }
  CountingNetwork network;

 private:
  // Adds what comes within `patience`, if anything; false when the console ended.
  static bool hear(Descriptor const& console, std::chrono::milliseconds patience, std::string& seen);

  std::filesystem::path folder_;
  std::unique_ptr<storage::LocalDiskStore> disks_;
  std::unique_ptr<console::ConsoleHub> consoles_;
  std::unique_ptr<ContainerDriver> driver_;
  int questions_ = 0;
};

// An image whose only program is the probe.
support::OciImage probe_image(json::array arguments, json::object config = {});

// Starts the guest in another process and ends that process by SIGKILL at the point named: "config" (before anything is
// mounted), "mounted" (the root file system is up), "plug" (the first process exists).
void start_and_die(std::filesystem::path const& folder, contract::GuestId const& guest, std::string const& point);
// What that other process does. Returns when `argv` is not meant for it.
void be_the_other_process(int argc, char** argv);

}  // namespace berth::container
