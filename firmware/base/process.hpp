// Other programs, run by an argument vector: never a shell, a deadline, bounded output, no inherited descriptors but
// those named.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth {

struct ProgramOptions {
  std::chrono::milliseconds deadline = std::chrono::seconds(30);  // then its process group is killed: Error{timed_out}
  std::size_t output_bytes_max = 1 << 20;  // of each of stdout and stderr; more is Error{too_large}
  bool capture = true;                     // false: both go to /dev/null, and a daemon it leaves behind may live on
  std::string_view input = {};             // its stdin, at most 64 KiB; empty is /dev/null
  std::vector<std::pair<int, int>> descriptors = {};  // {ours, theirs}: also 0, 1 and 2 may be replaced
  std::string folder = {};                            // its working directory; empty: ours
  std::vector<std::string> environment = {};          // "NAME=value" beside PATH and LANG=C.UTF-8
};

struct ProgramOutput {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

// Waits for it. argv[0] is looked up in /usr/sbin:/usr/bin:/sbin:/bin when it has no slash. Thread-safe.
// Errors: not_found (no such program), timed_out, too_large, io. An exit code other than 0 is not an error here.
Result<ProgramOutput> run_program(std::vector<std::string> const& argv, ProgramOptions const& options = {});

// Its standard output; an exit code other than 0 is Error{io, "program-failed"} with the last words of its standard
// error.
Result<std::string> run_checked(std::vector<std::string> const& argv, ProgramOptions const& options = {});

}  // namespace berth
