// Two disks with the same content become arrays (md(4), metadata 1.0: the superblock lies behind the content, so that GRUB reads a
// member like a partition). Both disks are without a partition table then; the kernel is told of the partitions alone.
#pragma once

#include "drivers/installer/plan.hpp"

namespace berth::installer {

// The arrays, stopped, and /grub/mirror on both ESPs. Errors: io, exhausted.
Result<void> make_mirror(Plan const& plan);

// The environment block (1024 bytes, as grub-editenv(1) makes it) that tells GRUB of the mirror.
std::string mirror_block(Plan const& plan);

}  // namespace berth::installer
