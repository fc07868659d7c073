// Where this machine keeps what an operator set. Tests name folders of their own.
#pragma once

#include <filesystem>
#include <vector>

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
  std::filesystem::path updates =
      "/var/lib/berth-engine/updates";                    // the bundle being installed, and what became of the last
  std::filesystem::path update_folder = "/data/updates";  // where bundles are put for this machine to find
  std::vector<std::filesystem::path> boot_environment = {"/efi/grub/grubenv",
                                                         "/config/grubenv"};  // the first that can be read
  std::filesystem::path command_line = "/proc/cmdline";
  std::filesystem::path block_devices = "/sys/class/block";
  std::filesystem::path system_devices = "/dev/berth";  // links to the partitions of this system
};

}  // namespace berth::host
