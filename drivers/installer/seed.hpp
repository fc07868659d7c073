// The installer's part of a seed: the member "install" of berth.json on a volume labelled BERTHSEED (provisioning/seed).
#pragma once

#include <optional>
#include <string>

#include "drivers/contract/installer_types.hpp"

namespace berth::installer {

// The member "install" of a seed's text; nullopt: it has none. Errors: invalid_argument (lists every bad field), corrupt.
Result<std::optional<contract::InstallSeed>> seed_from(std::string_view text);

// From the block device `volume`, which is mounted read-only for that; nullopt also when there is no such device.
Result<std::optional<contract::InstallSeed>> read_seed(std::string const& volume);

}  // namespace berth::installer
