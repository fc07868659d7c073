// The set-up code that the machine's terminals show while nobody can sign in. The panel says it once, at its start, into a file
// ("name: value" lines); whoever makes another one puts it there, so that every terminal shows the one that works.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "firmware/cli/client.hpp"

namespace berth::cli {

// nullopt: none was said.
std::optional<std::string> shown_setup_code(std::filesystem::path const& greeting);
// The one before no longer works. Errors: the panel's (conflict when the machine is set up), io.
Result<std::string> new_setup_code(Client& panel, std::filesystem::path const& greeting);

}  // namespace berth::cli
