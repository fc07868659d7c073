// OpenSSH public keys as authorized_keys(5) takes them.
#pragma once

#include <string_view>

namespace berth::contract {

// "TYPE BASE64[ COMMENT]" where the key's own bytes name the same type (RFC 4253 6.6). Options in front are refused: they could
// run commands of their own.
bool is_ssh_public_key(std::string_view line);

}  // namespace berth::contract
