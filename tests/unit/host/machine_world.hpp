// A machine's folders in a temporary one, and services that only note what they were asked.
#pragma once

#include <fstream>
#include <mutex>

#include "drivers/host/machine_paths.hpp"
#include "drivers/host/system_bus.hpp"
#include "drivers/host/update_service.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::host::testing {

class NotedBus final : public SystemBus {
 public:
  Result<void> start_unit(std::string const& unit) override { return note("start " + unit); }
  Result<void> stop_unit(std::string const& unit) override { return note("stop " + unit); }
  Result<void> restart_unit(std::string const& unit) override { return note("restart " + unit); }
  Result<void> reload_unit(std::string const& unit) override { return note("reload " + unit); }
  Result<void> start_irreversibly(std::string const& unit) override { return note("begin " + unit); }
  Result<void> end_sessions(std::string const& service) override { return note("end " + service); }
  Result<void> set_clock(std::chrono::sys_seconds moment) override {
    return note("clock " + std::to_string(moment.time_since_epoch().count()));
  }

  std::vector<std::string> asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  void refuse(bool refusing) {
    std::lock_guard lock(mutex_);
    refusing_ = refusing;
  }

 private:
  Result<void> note(std::string what) {
    std::lock_guard lock(mutex_);
    asked_.push_back(std::move(what));
    if (refusing_) return fail(ErrorCode::unavailable, "system-bus-down", "The machine's message bus does not answer.");
    return {};
  }

  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  bool refusing_ = false;
};

// RAUC's part, played by a test: a bundle is a file "COMPATIBLE VERSION [FORMAT]"; anything else is none.
class ScriptedUpdates final : public UpdateService {
 public:
  Result<BundleFacts> inspect(std::filesystem::path const& bundle) override {
    std::ifstream in(bundle);
    BundleFacts facts;
    in >> facts.compatible >> facts.version >> facts.format;
    if (facts.version.empty()) return fail(ErrorCode::corrupt, "bundle-invalid", "This is not an update.");
    if (facts.format.empty()) facts.format = "verity";
    return facts;
  }
  Result<void> install(std::filesystem::path const& bundle, std::string const& transaction) override {
    std::lock_guard lock(mutex_);
    if (refusing_) return fail(ErrorCode::unavailable, "system-service-down", "A service does not answer.");
    installing_ = {"pending", inspect(bundle)->version, transaction};
    told_ = {.installing = true, .percent = 40, .step = "Writing", .last_error = ""};
    return {};
  }
  Result<ServiceProgress> progress() override {
    std::lock_guard lock(mutex_);
    return told_;
  }
  Result<std::array<SlotRecord, 2>> slots() override {
    std::lock_guard lock(mutex_);
    if (told_.installing) return fail(ErrorCode::conflict, "updates-busy", "busy");
    return slots_;
  }
  Result<void> activate(contract::SlotName slot) override {
    std::lock_guard lock(mutex_);
    activated_.push_back(slot);
    return {};
  }

  // What a test makes happen.
  void end(int slot, std::string status, std::string last_error = "") {
    std::lock_guard lock(mutex_);
    slots_[static_cast<std::size_t>(slot)] = installing_;
    slots_[static_cast<std::size_t>(slot)].status = std::move(status);
    told_ = {.installing = false, .percent = 100, .step = "", .last_error = std::move(last_error)};
  }
  void written(int slot, SlotRecord record) {
    std::lock_guard lock(mutex_);
    slots_[static_cast<std::size_t>(slot)] = std::move(record);
  }
  void refuse(bool refusing) {
    std::lock_guard lock(mutex_);
    refusing_ = refusing;
  }
  std::vector<contract::SlotName> activated() {
    std::lock_guard lock(mutex_);
    return activated_;
  }

 private:
  std::mutex mutex_;
  bool refusing_ = false;
  SlotRecord installing_;
  ServiceProgress told_;
  std::array<SlotRecord, 2> slots_;
  std::vector<contract::SlotName> activated_;
};

class MachineFolders {
 public:
  explicit MachineFolders(bool appliance = true) {
    auto const root = folder_.path();
    paths = {.release = root / "release",
             .settings = root / "settings",
             .runtime = root / "runtime",
             .networkd = root / "networkd",
             .timesyncd = root / "timesyncd",
             .hostname = root / "hostname",
             .zones = root / "zones",
             .updates = root / "updates",
             .update_folder = root / "found",
             .boot_environment = {root / "first", root / "second"},
             .command_line = root / "cmdline",
             .block_devices = root / "block",
             .system_devices = root / "devices"};
    for (auto const& folder : {paths.settings, paths.runtime, paths.zones / "Europe", paths.update_folder,
                               paths.block_devices, paths.system_devices})
      std::filesystem::create_directories(folder);
    write(paths.zones / "Europe/Berlin", "TZif2 and so on");
    write(paths.zones / "Europe/README", "no zone");
    write(paths.command_line, "root=PARTUUID=1 rauc.slot=A quiet\n");
    boot("ORDER=A B\nA_OK=1\nA_TRY=0\nA_PROVEN=1\nB_OK=0\nB_TRY=0\n");
    if (appliance) write(paths.release, "NAME=Berth\nVERSION=\"1.2.3\"\nBOARD=qemu-x86_64\n");
  }

  static void write(std::filesystem::path const& path, std::string_view text) { std::ofstream(path) << text; }
  // Both copies of the boot environment.
  void boot(std::string_view lines) const {
    auto block = "# GRUB Environment Block\n" + std::string(lines);
    block.resize(1024, '#');
    for (auto const& copy : paths.boot_environment) write(copy, block);
  }
  static std::string read(std::filesystem::path const& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  MachinePaths paths;

 private:
  support::TemporaryFolder folder_;
};

}  // namespace berth::host::testing
