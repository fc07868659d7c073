// What a machine needs before its panel can answer the first time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth::app {

struct Certificate {
  std::filesystem::path chain;
  std::filesystem::path key;
  std::string fingerprint;
};

// Makes the folder, 0700, when it is absent. Errors: io.
Result<void> ensure_state_folder(std::filesystem::path const& folder);

// The certificate in `folder`, or, when there is none or ours ends soon, a new self-signed one for this machine's name and the addresses it listens on.
Result<Certificate> ensure_certificate(std::filesystem::path const& folder, std::string_view listen_address);

// "https://127.0.0.1:8443/"; when it listens on every address, the machine's name, or
// an address of it when that is no host name.
std::string public_url(std::string_view listen_address, std::uint16_t port);

}  // namespace berth::app
