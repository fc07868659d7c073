#include "firmware/services/system/update_policy.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <format>
#include <optional>
#include <set>

#include "drivers/contract/machine_types.hpp"
#include "drivers/contract/release_version.hpp"
#include "firmware/base/json_reply.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/machine_observation.hpp"
#include "firmware/jobs/machine_wishes.hpp"
#include "firmware/jobs/update_record.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::services {
namespace {

constexpr std::string_view key = "machine.update_policy";
// A little less than a day, so that a window is not missed by minutes.
constexpr std::chrono::hours check_again_after{20};
constexpr std::chrono::minutes try_again_after{30};  // when the channel could not be read

bool is_channel(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return false;
  auto const rest = url.substr(scheme.size());
  auto const slash = std::min(rest.find('/'), rest.size());
  auto host = rest.substr(0, slash);
  if (auto const colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']')) {
    auto const port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos) return false;
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!contract::is_server_name(host)) return false;
  auto const path = rest.substr(slash);
  return !path.contains("..") && std::ranges::all_of(path, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/._~-+%").contains(static_cast<char>(c));
  });
}

// Minutes since midnight; nothing when it is no time of day.
std::optional<int> minutes_of(std::string_view text) {
  auto const digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int const hours = digit(0) * 10 + digit(1);
  int const minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return hours * 60 + minutes;
}

std::chrono::time_zone const* zone_called(std::string const& name) {
  try {
    return std::chrono::locate_zone(name);
  } catch (std::exception const&) {
    return nullptr;
  }
}

// The release that the next start takes, when that is another one than runs and a later one.
std::string waiting_release(jobs::MachineSeen const& seen) {
  auto const running = contract::ReleaseVersion::parse(seen.facts.version);
  for (auto const& slot : seen.slots.slots) {
    if (slot.name != seen.slots.next || slot.booted) continue;
    auto const next = contract::ReleaseVersion::parse(slot.version);
    if (running && next && *next > *running) return slot.version;
  }
  return "";
}

}  // namespace

UpdatePolicy first_update_policy() {
  UpdatePolicy policy;
  policy.window.weekdays.items = {Weekday::sunday};
  policy.window.from = Text<5, 5>::parse("03:00").value();
  policy.window.minutes.value = 120;
  return policy;
}

Result<void> check(UpdatePolicy const& policy) {
  Error error{ErrorCode::invalid_argument, "invalid-field", "Some fields are not acceptable."};
  auto const unless = [&](bool good, std::string pointer, FieldRule rule) {
    if (!good) error.fields.emplace_back(std::move(pointer), Complaint(rule));
  };
  unless(policy.channel_url.empty() || is_channel(policy.channel_url), "/channel_url", FieldRule::not_https_folder);
  unless(!policy.automatic || !policy.channel_url.empty(), "/automatic", FieldRule::no_channel);
  unless(!policy.automatic || !policy.window.weekdays.empty(), "/window/weekdays", FieldRule::empty);
  std::set<Weekday> days;
  for (std::size_t i = 0; i < policy.window.weekdays.size(); ++i)
    unless(days.insert(policy.window.weekdays.items[i]).second, std::format("/window/weekdays/{}", i),
           FieldRule::repeated);
  unless(minutes_of(policy.window.from).has_value(), "/window/from", FieldRule::not_time_of_day);
  if (error.fields.empty()) return {};
  return std::unexpected(std::move(error));
}

bool is_time_zone(std::string const& name) {
  return zone_called(name) != nullptr;
}

bool is_open(MaintenanceWindow const& window, Moment now, std::string const& time_zone) {
  using namespace std::chrono;
  auto const begins = minutes_of(window.from);
  if (!begins) return false;
  auto const* zone = zone_called(time_zone);
  auto const local = zone == nullptr ? local_time<milliseconds>(now.time_since_epoch()) : zone->to_local(now);
  auto const today = floor<days>(local);
  for (auto const day : {today, today - days(1)}) {
    auto const which = static_cast<Weekday>(weekday(day).iso_encoding() - 1);
    auto const opens = day + minutes(*begins);
    if (std::ranges::contains(window.weekdays.items, which) && local >= opens &&
        local < opens + minutes(window.minutes.value))
      return true;
  }
  return false;
}

Result<UpdatePolicy> update_policy(store::Snapshot& snapshot) {
  auto const text = TRY(snapshot.settings.get(key));
  if (!text) return first_update_policy();
  return from_reply<UpdatePolicy>(TRY(parse_json(*text)));
}

Result<void> set_update_policy(Call& call, Granted<access::System> const&, UpdatePolicy const& policy) {
  TRY(check(policy));
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto const node = TRY(tx.nodes.local());
    auto const text = write_json(policy);
    if (TRY(tx.settings.get(key)) == text) return {};
    TRY(tx.settings.set(key, text));
    auto const from = policy.channel_url.empty() ? std::string("No update channel is asked")
                                                 : "Updates come from " + policy.channel_url.str();
    return tx.events.add(events::UpdatePolicyChanged{
        node.id, from + (policy.automatic ? ", by themselves." : ", when somebody asks for them.")});
  });
}

Result<void> keep_up_to_date(Call& call, Granted<access::System> const& system) {
  struct Known {
    UpdatePolicy policy;
    jobs::UpdateRecord record;
    std::optional<jobs::MachineLook> look;
    bool busy = false;
  };
  auto known = TRY(call.read([](store::Snapshot& s) -> Result<Known> {
    bool busy = false;
    for (auto const& job : TRY(s.jobs.active_of("machine")))
      busy = busy || jobs::exclude_each_other(job.type, "machine.check-updates");
    return Known{TRY(update_policy(s)), TRY(jobs::update_record(s)), TRY(jobs::last_look(s)), busy};
  }));
  auto const& policy = known.policy;
  if (!policy.automatic || policy.channel_url.empty() || !known.look || known.busy) return {};
  auto const& seen = known.look->seen;
  if (!seen.facts.appliance || !is_open(policy.window, call.now, seen.facts.time_zone)) return {};
  if (auto const version = waiting_release(seen); !version.empty()) {
    // Once a release: one that does not stay must not restart the machine again and again.
    if (version != known.record.automatic || version == known.record.restarted) return {};
    known.record.restarted = version;
    TRY(call.write([&](store::Transaction& tx) { return jobs::keep_update_record(tx, known.record); }));
    TRY(ask_machine(call, system, jobs::MachineRestart{}.job(),
                    std::format("The machine is to restart into {}, as its update policy says.", version)));
    return {};
  }
  auto const since = to_ms(call.now) - known.record.checked_ms;
  std::chrono::milliseconds const pause = known.record.problem.empty() ? check_again_after : try_again_after;
  if (since >= 0 && since < pause.count()) return {};
  TRY(ask_machine(call, system, jobs::MachineCheckUpdates{policy.channel_url.str(), true}.job(),
                  "The update channel is to be asked, as the update policy says."));
  return {};
}

}  // namespace berth::services
