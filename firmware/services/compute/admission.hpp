// Whether the machine can take one more server. Pure: what the caller read in its transaction goes in.
#pragma once

#include <cstdint>
#include <vector>

#include "firmware/base/result.hpp"
#include "firmware/base/units.hpp"
#include "firmware/store/node_store.hpp"
#include "firmware/store/plan_store.hpp"

namespace berth::compute {

// Kept for the system itself: kernel, panel, engine, libvirt and page cache hold a few hundred MiB on an idle machine,
// and what each guest costs beside its own memory (QEMU's and the console's) grows with the machine.
Bytes memory_reserve(Bytes machine);
// What may still be promised: the machine's memory without the reserve and without what all its servers were promised.
Bytes memory_free_to_sell(store::NodeFacts const& machine, Bytes promised);
// Disks are thin, so promises may exceed the storage; but what is really used may not come near its end (90 %).
bool storage_is_full(store::NodeFacts const& machine);

// Errors: exhausted ("memory-promised", "storage-full"), each with the field /plan.
Result<void> admit(store::Plan const& plan, store::NodeFacts const& machine, Bytes promised);

}  // namespace berth::compute
