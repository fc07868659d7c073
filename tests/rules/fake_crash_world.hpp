// A crash test's world on the engine in memory, which lives on while the panel dies.
#pragma once

#include "tests/rules/crash_world.hpp"

namespace berth::crash {

// An image for the engine in memory, which looks at nothing but the digest, in a folder of images.
void add_image(std::filesystem::path const& folder, std::string const& name, std::string const& kind,
               std::string const& format, std::string const& build = "first");

}  // namespace berth::crash
