// The images that servers can be made from. Starter images are a folder with one sub-folder an image: image.json and
// the file.
#pragma once

#include <filesystem>
#include <vector>

#include "firmware/services/call.hpp"

namespace berth::images {

using services::Call;
using services::Granted;

Result<std::vector<store::Image>> list_images(Call& call, Granted<access::System> const& system);

// Reads FOLDER/*/image.json, registers what is new or changed and enqueues its import. Idempotent. A description that
// cannot be read is logged and skipped. Returns how many imports were enqueued.
Result<int> register_starter_images(Call& call, Granted<access::System> const& system,
                                    std::filesystem::path const& folder);

}  // namespace berth::images
