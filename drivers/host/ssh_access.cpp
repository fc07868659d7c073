#include "drivers/host/ssh_access.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "drivers/contract/machine_checks.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth::host {

using contract::SshSettings;

namespace {

constexpr std::size_t settings_bytes_max = std::size_t{256} * 1024;
constexpr char ssh_unit[] = "ssh.service";
constexpr char pam_service[] = "sshd";
constexpr char firewall_unit[] = "nftables.service";
// /etc/nftables.conf includes what lies there, after it made the table.
constexpr char door[] = "add rule inet appliance input tcp dport 22 accept\n";
// No forwarding of any kind, no ~/.ssh/rc; a terminal, because the console is one.
constexpr std::string_view options = "command=\"/usr/bin/berth-console --over-ssh\",restrict,pty ";

Result<void> remove_if_there(std::filesystem::path const& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove " + path.string());
  return {};
}

bool takes_a_key_away(SshSettings const& before, SshSettings const& after) {
  return std::ranges::any_of(before.keys, [&](auto const& key) {
    return std::ranges::none_of(after.keys, [&](auto const& kept) { return kept.str() == key.str(); });
  });
}

// sshd keeps what a connection may do from its beginning. The unit takes those with it that have no session yet.
Result<void> end_connections(SystemBus& bus, bool begin_again) {
  TRY(begin_again ? bus.restart_unit(ssh_unit) : bus.stop_unit(ssh_unit));
  return bus.end_sessions(pam_service);
}

}  // namespace

Result<std::string> authorized_keys(SshSettings const& settings) {
  TRY(contract::check(settings));
  std::string text;
  for (auto const& key : settings.keys) text += std::string(options) + key.str() + "\n";
  return text;
}

Result<SshSettings> kept_ssh(MachinePaths const& paths) {
  auto const text = read_file(paths.settings / "ssh.json", settings_bytes_max);
  if (!text) {
    if (text.error().code == ErrorCode::not_found) return SshSettings{};
    return std::unexpected(text.error());
  }
  auto settings = read_json<SshSettings>(*text);
  if (settings) return settings;
  log(LogLevel::error, "host", "the kept SSH settings are not understood", {{"why", describe(settings.error())}});
  return SshSettings{};
}

Result<void> set_ssh_access(MachinePaths const& paths, SystemBus& bus, SshSettings const& settings) {
  auto const keys = TRY(authorized_keys(settings));
  auto const folder = paths.settings / "ssh";
  TRY(ensure_directory(folder, 0700));
  TRY(ensure_directory(paths.settings / "nftables.d", 0755));
  auto const mark = folder / "enabled";
  auto const rule = paths.settings / "nftables.d" / "ssh.nft";
  // Closing comes first, opening last: no power cut leaves more open than was wished.
  if (!settings.enabled) {
    TRY(remove_if_there(rule));
    TRY(remove_if_there(mark));
  }
  TRY(replace_file(folder / "authorized_keys", keys, 0600));
  if (!settings.enabled) TRY(bus.reload_unit(firewall_unit));
  // What is kept changes only when nobody is inside any more who shall not be: else a second try would find nothing to do.
  if (!settings.enabled || takes_a_key_away(TRY(kept_ssh(paths)), settings))
    TRY(end_connections(bus, settings.enabled));
  TRY(replace_file(paths.settings / "ssh.json", write_json(settings), 0600));
  if (!settings.enabled) return {};
  TRY(replace_file(mark, "", 0600));
  TRY(replace_file(rule, door, 0644));
  TRY(bus.start_unit(ssh_unit));
  return bus.reload_unit(firewall_unit);
}

}  // namespace berth::host
