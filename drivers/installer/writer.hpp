// Writes a plan to one disk. The order makes a power cut harmless: the old partition table goes first, the content is written and
// read back, and only then come the new table and the boot code; a disk in between is none to any firmware.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "drivers/installer/payload.hpp"
#include "drivers/installer/plan.hpp"

namespace berth::installer {

// How many bytes were read or written since the last call.
using Advance = std::function<void(std::uint64_t bytes)>;

// Every part of the payload has the digest that the layout names. Errors: corrupt (names the part), io.
Result<void> check_payload(Payload const& payload, Advance const& advance);

// Empties the disk's table, then writes every part to its place, and zeros where something old could be taken for new: the ends
// of all partitions (superblocks of arrays) and the beginning of those without a part. Errors: io, conflict (in use).
Result<void> write_content(std::string const& device, Plan const& plan, Payload const& payload, Advance const& advance);

// Reads every part back from the disk itself, past the page cache, and compares digests. Errors: corrupt (names disk and part), io.
Result<void> verify_content(std::string const& device, Plan const& plan, Advance const& advance);

// The partition table, then the boot code, read back. Errors: io, corrupt.
Result<void> make_bootable(std::string const& device, Plan const& plan, Payload const& payload);

// Bytes that each of the first three advances by on one disk.
std::uint64_t payload_bytes(Layout const& layout);

}  // namespace berth::installer
