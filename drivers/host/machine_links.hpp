// The kernel's network links, as far as the machine's own network goes: guests' links are somebody else's. Thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "drivers/contract/machine_types.hpp"

namespace berth::host {

// Hardware, and the links of these names.
Result<std::vector<contract::LinkFacts>> read_links(std::span<std::string const> also);

// Removes a bond, bridge or VLAN. One that is not there, or is of another kind, is left: success.
Result<void> delete_link(std::string const& name, contract::LinkKind kind);

}  // namespace berth::host
