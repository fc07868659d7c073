// Where this machine keeps what an operator set. Tests name folders of their own.
#pragma once

#include <filesystem>

namespace berth::host {

struct MachinePaths {
  // NAME=value lines, VERSION and BOARD among them; where it is, this is the appliance.
  std::filesystem::path release = "/usr/lib/berth/release";
  std::filesystem::path settings = "/etc/berth";        // kept over restarts and updates
  std::filesystem::path runtime = "/run/berth-engine";  // gone with the machine's uptime
  std::filesystem::path networkd = "/run/systemd/network";
  std::filesystem::path timesyncd = "/run/systemd/timesyncd.conf.d";
  std::filesystem::path hostname = "/etc/hostname";
  std::filesystem::path zones = "/usr/share/zoneinfo";
};

}  // namespace berth::host
