// A machine's folders in a temporary one, and services that only note what they were asked.
#pragma once

#include <fstream>
#include <mutex>

#include "drivers/host/machine_paths.hpp"
#include "drivers/host/system_bus.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::host::testing {

class NotedBus final : public SystemBus {
 public:
  Result<void> start_unit(std::string const& unit) override { return note("start " + unit); }
  Result<void> stop_unit(std::string const& unit) override { return note("stop " + unit); }
  Result<void> restart_unit(std::string const& unit) override { return note("restart " + unit); }
  Result<void> reload_unit(std::string const& unit) override { return note("reload " + unit); }
  Result<void> start_irreversibly(std::string const& unit) override { return note("begin " + unit); }
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
             .zones = root / "zones"};
    for (auto const& folder : {paths.settings, paths.runtime, paths.zones / "Europe"})
      std::filesystem::create_directories(folder);
    write(paths.zones / "Europe/Berlin", "TZif2 and so on");
    write(paths.zones / "Europe/README", "no zone");
    if (appliance) write(paths.release, "NAME=Berth\nVERSION=\"1.2.3\"\nBOARD=qemu-x86_64\n");
  }

  static void write(std::filesystem::path const& path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(std::filesystem::path const& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  MachinePaths paths;

 private:
  support::TemporaryFolder folder_;
};

}  // namespace berth::host::testing
