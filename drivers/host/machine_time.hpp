// The machine's time zone and where its clock gets the time.
//
// Kept in SETTINGS/time.json. From it come SETTINGS/localtime (a symlink into the zones; /etc/localtime of the image points to
// it), SETTINGS/ntp-off (systemd-timesyncd.service starts only without it) and a file for timesyncd.conf(5).
#pragma once

#include "drivers/contract/machine_types.hpp"
#include "drivers/host/machine_paths.hpp"
#include "drivers/host/system_bus.hpp"

namespace berth::host {

std::string time_zone_in_force(MachinePaths const& paths);  // "Etc/UTC" when nothing says otherwise
bool clock_synchronised();

// What is kept; a file that is missing or not understood is the zone in force, with NTP.
Result<contract::TimeSettings> kept_time(MachinePaths const& paths);
// Errors: invalid_argument (the zone is not known here).
Result<void> keep_time(MachinePaths const& paths, contract::TimeSettings const& settings);
// timesyncd's file from what is kept; early at start, before timesyncd.
Result<void> write_time_files(MachinePaths const& paths, contract::TimeSettings const& settings);
// Tells the running services. Sets the clock when the settings carry a time.
Result<void> apply_time(SystemBus& bus, contract::TimeSettings const& settings);

}  // namespace berth::host
