#include "drivers/host/machine_network.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <set>

#include "drivers/contract/machine_checks.hpp"
#include "drivers/host/machine_links.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth::host {

using namespace contract;

namespace {

constexpr std::size_t settings_bytes_max = std::size_t{256} * 1024;
constexpr std::chrono::seconds retry_after{5};
constexpr char networkd_unit[] = "systemd-networkd.service";

enum class TrialEnd { running, confirmed, taken_back };
BOOST_DESCRIBE_ENUM(TrialEnd, running, confirmed, taken_back)

// Milliseconds since the machine started: the record does not outlive that, and no clock that is set moves it.
std::int64_t uptime_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Result<NetworkSettings> kept_network(MachinePaths const& paths) {
  auto const text = read_file(paths.settings / "network.json", settings_bytes_max);
  if (!text) {
    if (text.error().code == ErrorCode::not_found) return network_as_new();
    return std::unexpected(text.error());
  }
  auto settings = read_json<NetworkSettings>(*text);
  if (settings)
    if (auto fits = check(*settings); !fits) settings = std::unexpected(std::move(fits).error());
  if (settings) return settings;
  log(LogLevel::error, "host", "the kept network settings are not understood: the machine takes those of a new one",
      {{"why", describe(settings.error())}});
  return network_as_new();
}

// The folder's files of ours become exactly these.
Result<void> replace_files(std::filesystem::path const& folder, std::vector<NetworkdFile> const& files) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) return fail_errno(ec.value(), "make " + folder.string());
  std::set<std::string> wanted;
  for (auto const& file : files) {
    wanted.insert(file.name);
    TRY(replace_volatile_file(folder / file.name, file.text, 0644));
  }
  std::vector<std::filesystem::path> stale;
  for (auto const& entry : std::filesystem::directory_iterator(folder, ec))
    if (auto name = entry.path().filename().string(); is_networkd_file_name(name) && !wanted.contains(name))
      stale.push_back(entry.path());
  if (ec) return fail_errno(ec.value(), "list " + folder.string());
  for (auto const& path : stale)
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove " + path.string());
  return {};
}

// A link that networkd made stays until somebody removes it, and one that it finds it does not make anew.
Result<void> delete_what_differs(NetworkSettings const& old, NetworkSettings const& wanted) {
  for (auto const& link : old.links) {
    if (link.kind == LinkKind::ethernet) continue;
    bool const stays = std::ranges::any_of(wanted.links, [&](LinkSettings const& other) {
      return other.name == link.name && other.kind == link.kind && other.bond_mode == link.bond_mode &&
             other.parent == link.parent && other.vlan_id.has_value() == link.vlan_id.has_value() &&
             (!link.vlan_id || other.vlan_id->value == link.vlan_id->value) &&
             std::ranges::equal(other.members.items, link.members.items);
    });
    if (!stays) TRY(delete_link(link.name.str(), link.kind));
  }
  return {};
}

std::vector<std::string> names_of(NetworkSettings const& settings) {
  std::vector<std::string> names;
  for (auto const& link : settings.links)
    if (link.kind != LinkKind::ethernet) names.push_back(link.name.str());
  return names;
}

}  // namespace

struct MachineNetwork::Trial {
  NetworkSettings settings;
  Number<0, (1LL << 53) - 1> until_ms;  // uptime_ms()
  TrialEnd end = TrialEnd::running;
  BOOST_DESCRIBE_CLASS(Trial, (), (settings, until_ms, end), (), ())
};

Result<void> write_network_files(MachinePaths const& paths, NetworkdOptions const& options) {
  auto const kept = TRY(kept_network(paths));
  if (same(kept, network_as_new())) return replace_files(paths.networkd, {});
  return replace_files(paths.networkd, TRY(networkd_files(kept, options)));
}

MachineNetwork::MachineNetwork(MachinePaths const& paths, SystemBus& bus, NetworkdOptions options)
    : paths_(paths), bus_(bus), options_(std::move(options)) {}

Result<std::optional<MachineNetwork::Trial>> MachineNetwork::trial() const {
  auto const text = read_file(paths_.runtime / "network-trial.json", settings_bytes_max);
  if (!text) {
    if (text.error().code == ErrorCode::not_found) return std::nullopt;
    return std::unexpected(text.error());
  }
  return TRY(read_json<Trial>(*text));
}

Result<void> MachineNetwork::record(Trial const& trial) {
  ++changes_;
  changed_.notify_all();
  return replace_volatile_file(paths_.runtime / "network-trial.json", write_json(trial), 0600);
}

Result<void> MachineNetwork::put_in_force(NetworkSettings const& old, NetworkSettings const& wanted, bool kept) {
  if (kept)
    TRY(write_network_files(paths_, options_));
  else
    TRY(replace_files(paths_.networkd, TRY(networkd_files(wanted, options_))));
  TRY(delete_what_differs(old, wanted));
  return bus_.restart_unit(networkd_unit);
}

Result<void> MachineNetwork::take_back(Trial const& trial) {
  auto const kept = TRY(kept_network(paths_));
  TRY(put_in_force(trial.settings, kept, true));
  auto ended = trial;
  ended.end = TrialEnd::taken_back;
  return record(ended);
}

void MachineNetwork::begin() {
  std::lock_guard lock(mutex_);
  auto found = trial();
  if (!found) log(LogLevel::error, "host", "the network on trial", {{"why", describe(found.error())}});
  if (found && *found && (*found)->end == TrialEnd::running) {
    auto due = **found;
    due.until_ms.value = 0;  // the watcher takes it back at once, and again until that works
    if (auto noted = record(due); !noted) log(LogLevel::error, "host", describe(noted.error()));
  }
  watcher_ = std::jthread([this](std::stop_token const& stop) { watch(stop); });
}

void MachineNetwork::watch(std::stop_token const& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto const found = trial();
    auto const seen = changes_;
    auto const news = [&] { return changes_ != seen; };
    if (!found || !*found || (*found)->end != TrialEnd::running) {
      changed_.wait(lock, stop, news);
      continue;
    }
    if (auto const left_ms = (*found)->until_ms.value - uptime_ms(); left_ms > 0) {
      changed_.wait_for(lock, stop, std::chrono::milliseconds(left_ms), news);
      continue;
    }
    if (auto taken = take_back(**found); taken) {
      log(LogLevel::notice, "host", "network settings that nobody confirmed were taken back");
    } else {
      log(LogLevel::error, "host", "the tried network could not be taken back yet", {{"why", describe(taken.error())}});
      changed_.wait_for(lock, stop, retry_after, [] { return false; });
    }
  }
}

Result<NetworkState> MachineNetwork::state() {
  std::lock_guard lock(mutex_);
  NetworkState state;
  state.kept = TRY(kept_network(paths_));
  auto names = names_of(state.kept);
  auto found = TRY(trial());
  if (found && found->end == TrialEnd::running) {
    state.seconds_left = std::max<std::int64_t>(0, (found->until_ms.value - uptime_ms() + 999) / 1000);
    std::ranges::copy(names_of(found->settings), std::back_inserter(names));
    state.tried = std::move(found->settings);
  }
  state.links = TRY(read_links(names));
  return state;
}

Result<void> MachineNetwork::attempt(TryNetwork const& wish) {
  TRY(check(wish));
  std::lock_guard lock(mutex_);
  auto const before = TRY(trial());
  if (before && before->end == TrialEnd::running) {
    if (same(before->settings, wish.settings)) return {};
    return fail(ErrorCode::conflict, "network-on-trial", "Other network settings are being tried.");
  }
  auto const kept = TRY(kept_network(paths_));
  Trial trial{wish.settings, {}, TrialEnd::running};
  trial.until_ms.value = uptime_ms() + wish.confirm_within_s.value * 1000;
  TRY(record(trial));  // first: whatever happens from here on is taken back
  auto applied = put_in_force(kept, wish.settings, false);
  if (!applied) {
    trial.until_ms.value = 0;  // what cannot be taken back now, the watcher goes on taking back
    if (auto taken = take_back(trial); !taken) TRY(record(trial));
  }
  return applied;
}

Result<void> MachineNetwork::confirm() {
  std::lock_guard lock(mutex_);
  auto found = TRY(trial());
  if (found && found->end == TrialEnd::confirmed) return {};
  if (!found || found->end == TrialEnd::taken_back || found->until_ms.value <= uptime_ms())
    return fail(ErrorCode::conflict, "network-not-on-trial", "No network settings are being tried.");
  TRY(replace_file(paths_.settings / "network.json", write_json(found->settings), 0644));
  found->end = TrialEnd::confirmed;
  return record(*found);
}

Result<void> MachineNetwork::revert() {
  std::lock_guard lock(mutex_);
  auto const found = TRY(trial());
  if (!found || found->end != TrialEnd::running) return {};
  return take_back(*found);
}

}  // namespace berth::host
