#include "drivers/host/machine_time.hpp"

#include <unistd.h>

#include <cerrno>
#include <thread>

#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::host {

using contract::TimeSettings;

namespace {

constexpr std::size_t settings_bytes_max = 16384;
constexpr char timesyncd_unit[] = "systemd-timesyncd.service";
constexpr char timesyncd_file[] = "50-berth.conf";
constexpr int clock_turns_max = 20;
constexpr std::chrono::milliseconds clock_turn{250};
// systemd-timesyncd.service(8): touched at each synchronisation.
constexpr char synchronised_mark[] = "/run/systemd/timesync/synchronized";

struct KeptTime {
  Text<1, 64> time_zone;
  bool ntp = true;
  List<contract::ServerName, 8> ntp_servers;
};
BOOST_DESCRIBE_STRUCT(KeptTime, (), (time_zone, ntp, ntp_servers))

// ".../zoneinfo/Europe/Berlin" -> "Europe/Berlin".
std::string zone_in(std::filesystem::path const& link) {
  constexpr std::string_view before = "zoneinfo/";
  std::error_code ec;
  auto const target = std::filesystem::read_symlink(link, ec).string();
  auto const at = target.find(before);
  return ec || at == std::string::npos ? "" : target.substr(at + before.size());
}

// A file of compiled zone data begins with "TZif" (RFC 8536).
bool zone_known(MachinePaths const& paths, std::string const& zone) {
  std::error_code ignored;
  auto const file = paths.zones / zone;
  if (!std::filesystem::is_regular_file(file, ignored)) return false;
  auto const data = read_file(file, 1 << 20);
  return data && data->starts_with("TZif");
}

// A symlink is whole or not there, too.
Result<void> replace_symlink(std::filesystem::path const& link, std::filesystem::path const& target) {
  auto const beside = link.parent_path() / (".new-" + random_token(9));
  if (::symlink(target.c_str(), beside.c_str()) != 0) return fail_errno(errno, "write " + link.string());
  if (::rename(beside.c_str(), link.c_str()) != 0) {
    auto const why = errno;
    ::unlink(beside.c_str());
    return fail_errno(why, "replace " + link.string());
  }
  return sync_directory(link.parent_path());
}

Result<void> remove_if_there(std::filesystem::path const& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove " + path.string());
  return {};
}

}  // namespace

std::string time_zone_in_force(MachinePaths const& paths) {
  for (auto const& link : {paths.settings / "localtime", std::filesystem::path("/etc/localtime")})
    if (auto zone = zone_in(link); !zone.empty()) return zone;
  return "Etc/UTC";
}

bool clock_synchronised() {
  return ::access(synchronised_mark, F_OK) == 0;
}

Result<TimeSettings> kept_time(MachinePaths const& paths) {
  TimeSettings settings;
  settings.time_zone = TRY(Text<1, 64>::parse(time_zone_in_force(paths)));
  auto const text = read_file(paths.settings / "time.json", settings_bytes_max);
  if (!text) {
    if (text.error().code != ErrorCode::not_found) return std::unexpected(text.error());
    return settings;
  }
  auto kept = read_json<KeptTime>(*text);
  if (!kept) {
    log(LogLevel::error, "host", "the kept time settings are not understood", {{"why", describe(kept.error())}});
    return settings;
  }
  settings.time_zone = std::move(kept->time_zone);
  settings.ntp = kept->ntp;
  settings.ntp_servers = std::move(kept->ntp_servers);
  return settings;
}

Result<void> keep_time(MachinePaths const& paths, TimeSettings const& settings) {
  if (!zone_known(paths, settings.time_zone.str())) return fail_field("/time_zone", "is not known on this machine");
  TRY(replace_file(paths.settings / "time.json",
                   write_json(KeptTime{settings.time_zone, settings.ntp, settings.ntp_servers}), 0644));
  TRY(replace_symlink(paths.settings / "localtime", paths.zones / settings.time_zone.str()));
  auto const off = paths.settings / "ntp-off";
  return settings.ntp ? remove_if_there(off) : replace_file(off, "", 0644);
}

Result<void> write_time_files(MachinePaths const& paths, TimeSettings const& settings) {
  auto const file = paths.timesyncd / timesyncd_file;
  if (settings.ntp_servers.empty()) return remove_if_there(file);
  std::error_code ec;
  std::filesystem::create_directories(paths.timesyncd, ec);
  if (ec) return fail_errno(ec.value(), "make " + paths.timesyncd.string());
  // Each is a host name or an address (is_server_name): no blank, no line's end.
  std::string text = "[Time]\nNTP=";
  for (auto const& server : settings.ntp_servers) {
    if (!contract::is_server_name(server)) return fail_field("/ntp_servers", "must be a host name or an address");
    text += (text.back() == '=' ? "" : " ") + server.str();
  }
  return replace_volatile_file(file, text + "\n", 0644);
}

Result<void> apply_time(SystemBus& bus, TimeSettings const& settings) {
  if (settings.ntp) return bus.restart_unit(timesyncd_unit);
  TRY(bus.stop_unit(timesyncd_unit));
  if (!settings.unix_seconds) return {};
  // timedated refuses while timesyncd still runs, and that takes a moment to stop.
  std::chrono::sys_seconds const moment{std::chrono::seconds(settings.unix_seconds->value)};
  for (int turn = 0;; ++turn) {
    auto set = bus.set_clock(moment);
    if (set || turn == clock_turns_max) return set;
    std::this_thread::sleep_for(clock_turn);
  }
}

}  // namespace berth::host
