// Takes out of text that leaves the machine what gives access to something. Pure.
#pragma once

#include <string>
#include <string_view>

namespace berth::host {

// Private keys (PEM), password hashes (crypt(3), Argon2), public SSH keys, credentials in URLs and headers, and the values of
// words such as password, token or seed become "[removed]". Line by line; a line beyond 4096 bytes is cut.
std::string without_secrets(std::string_view text);

}  // namespace berth::host
