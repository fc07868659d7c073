// Structured log: to the journal when the service manager set JOURNAL_STREAM, else one line on standard error.
// Thread-safe. Fields are data, not format strings; the caller keeps secrets out.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

enum class LogLevel { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // syslog(3) numbers

using LogField = std::pair<std::string_view, std::string>;

// `area` is the folder ("jobs", "http"); fields follow the message as name=value, and are BERTH_<NAME> of their own in the journal.
// CR, LF and other control characters in any part are written as escapes: one call is one line.
void log(LogLevel level, std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace berth
