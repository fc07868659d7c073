// A guest's first password as the hash that its cloud-init or passwd takes.
#pragma once

#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth::compute {

// crypt(5) SHA-512 ("$6$..."), which every guest system reads, with a fresh salt. Takes milliseconds.
Result<std::string> crypt_password(std::string_view password);

}  // namespace berth::compute
