#include "drivers/host/machine_facts.hpp"

#include <sys/utsname.h>

#include <cerrno>
#include <chrono>
#include <ctime>

#include "drivers/host/machine_time.hpp"
#include "firmware/base/files.hpp"

namespace berth::host {
namespace {

constexpr std::size_t release_bytes_max = 4096;
constexpr std::size_t reason_bytes_max = 1000;

// The value of NAME=value, with or without double quotes around it (os-release(5)); empty when there is none.
std::string value_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != '=') continue;
    line.remove_prefix(name.size() + 1);
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return "";
}

// The first line of a file that need not be there.
std::string first_line(std::filesystem::path const& path) {
  auto text = read_file(path, reason_bytes_max);
  return text ? text->substr(0, text->find('\n')) : "";
}

std::uint64_t uptime_s() {
  timespec since_start{};
  clock_gettime(CLOCK_BOOTTIME, &since_start);
  return static_cast<std::uint64_t>(since_start.tv_sec);
}

}  // namespace

bool is_appliance(MachinePaths const& paths) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(paths.release, ignored);
}

Result<contract::MachineFacts> read_machine_facts(MachinePaths const& paths) {
  contract::MachineFacts facts;
  utsname names{};
  if (uname(&names) != 0) return fail_errno(errno, "uname");
  facts.hostname = names.nodename;
  facts.board = "development";
  if (is_appliance(paths)) {
    auto const release = TRY(read_file(paths.release, release_bytes_max));
    facts.appliance = true;
    facts.version = value_of(release, "VERSION");
    facts.board = value_of(release, "BOARD");
  }
  facts.time_zone = time_zone_in_force(paths);
  facts.unix_seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  facts.clock_synchronised = clock_synchronised();
  facts.uptime_s = uptime_s();
  facts.last_rollback = first_line(paths.settings / "last-rollback");
  return facts;
}

}  // namespace berth::host
