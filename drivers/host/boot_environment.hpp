// What the boot loader will do, read from its environment (decisions/0005-updates.md). Writing is the work of
// usr/lib/berth/appliance/boot-environment alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "drivers/contract/machine_types.hpp"

namespace berth::host {

struct SlotBoot {
  bool may_start = false;  // X_OK
  int tries = 0;           // X_TRY: starts since it was called good
  bool proven = false;     // X_PROVEN: called good since it was written

  std::int64_t tries_left() const { return may_start && tries < 3 ? 3 - tries : 0; }
  bool good() const { return may_start && proven && tries == 0; }
};

struct BootEnvironment {
  std::vector<contract::SlotName> order;
  SlotBoot slots[2];  // a, b

  SlotBoot const& of(contract::SlotName slot) const { return slots[slot == contract::SlotName::a ? 0 : 1]; }
  // What the next start takes; nothing: the menu waits for a person.
  std::optional<contract::SlotName> next() const;
};

// GRUB's environment block: "# GRUB Environment Block", then NAME=value lines, then '#' to its end. Nothing when it is none, or
// names no order. Pure.
std::optional<BootEnvironment> parse_boot_environment(std::string_view block);
// The first copy that can be read. Errors: io (none can).
Result<BootEnvironment> read_boot_environment(std::vector<std::filesystem::path> const& copies);
// The slot that a kernel was started from, by its command line. Pure.
std::optional<contract::SlotName> booted_slot(std::string_view command_line);

}  // namespace berth::host
