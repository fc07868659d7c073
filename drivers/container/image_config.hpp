// What of an OCI image config (image-spec config.md) a container runs by. The document comes from whoever made the
// image.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/result.hpp"

namespace berth::container {

struct ImageConfig {
  std::vector<std::string> arguments;    // entry point and command, at least one
  std::vector<std::string> environment;  // "NAME=value"
  std::string working_directory = "/";   // absolute, without "..", outside /proc, /sys and /dev
  std::string user;                      // as written: "", "1000", "1000:1000", "www-data"
  int stop_signal = 15;
};

// Unknown members are ignored, as the format asks. Errors: invalid_argument, saying which member is bad.
Result<ImageConfig> read_image_config(json::value const& document);

// "SIGTERM", "TERM", "15", "SIGRTMIN+3". Errors: invalid_argument.
Result<int> signal_number(std::string_view name);

}  // namespace berth::container
