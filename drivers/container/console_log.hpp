// What a container's terminal said lately, on the disk: conmon writes it (k8s-file), an engine that starts under running
// containers reads it back.
//
// conmon begins an empty file in place of one that is full. A second name keeps what it drops, until the next one is full:
//   log        conmon's                   log.tmp   conmon's, for a moment
//   current    the same file              previous  the one before
// So at most three files of bytes_max each. conmon buffers nothing and syncs nothing here; only root can read it.
#pragma once

#include <filesystem>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::container {

// Thread-safe for different folders; follow() may run beside anything else.
class ConsoleLog {
 public:
  static constexpr std::size_t bytes_max = std::size_t{256} * 1024;  // of one file, with conmon's marks
  static constexpr std::size_t lines_max = 150;                      // that are read back

  // `folder`: of this log alone.
  explicit ConsoleLog(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path const& folder() const { return folder_; }
  std::filesystem::path file() const { return folder_ / file_name; }
  static constexpr char file_name[] = "log";

  // An empty one, before conmon starts. Errors: io, exhausted.
  Result<void> begin() const;
  // After conmon may have begun a new file.
  void follow() const;
  // The last lines, as the terminal wrote them; "" when there are none.
  std::string recent() const;
  // Absent is fine.
  Result<void> forget() const;

 private:
  std::filesystem::path folder_;
};

// What conmon's k8s-file lines say: "TIME STREAM F text" is a line, P a part of one. Lines that are not so are left out.
std::string text_of_log(std::string_view lines);
// From the beginning of the `count`th line from the end.
std::string_view last_lines(std::string_view text, std::size_t count);

}  // namespace berth::container
