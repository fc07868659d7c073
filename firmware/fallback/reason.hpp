// Why the panel does not run, from what the service manager and the journal say.
#pragma once

#include <string>
#include <string_view>

namespace berth::fallback {

// `properties`: lines NAME=VALUE of `systemctl show` (Result, ExecMainCode, ExecMainStatus; systemd.service(5)). `last_words`:
// what the panel wrote last; its first line is quoted, at most 200 characters of plain text. Pure.
std::string reason(std::string_view properties, std::string_view last_words);

// Asks for both. Never fails: what cannot be had is left out.
std::string reason_of(std::string const& unit);

}  // namespace berth::fallback
