#include "drivers/host/system_bus.hpp"

#include <algorithm>
#include <csignal>
#include <vector>

#include "drivers/host/bus_parts.hpp"

namespace berth::host {
namespace {

constexpr std::uint64_t call_usec_max = std::uint64_t{20} * 1000 * 1000;

using bus::Target;
constexpr Target systemd{"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"};
constexpr Target timedated{"org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1"};

constexpr Target logind{"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"};

template <class... Arguments>
Result<bus::Message> ask(Target const& target, char const* method, char const* types, Arguments... arguments) {
  auto call = TRY(bus::Call::to(target, method));
  if (int const r = sd_bus_message_append(call.message(), types, arguments...); r < 0)
    return fail_errno(-r, "a message for the bus");
  return call.run(call_usec_max);
}

template <class... Arguments>
Result<void> call(Target const& target, char const* method, char const* types, Arguments... arguments) {
  TRY(ask(target, method, types, arguments...));
  return {};
}

struct Session {
  std::string id, path;
};

// org.freedesktop.login1(5): id, user's number, user, seat, object.
Result<std::vector<Session>> sessions() {
  auto const answer = TRY(ask(logind, "ListSessions", ""));
  auto* const list = answer.get();
  std::vector<Session> all;
  int r = sd_bus_message_enter_container(list, 'a', "(susso)");
  while (r >= 0) {
    char const *id = nullptr, *user = nullptr, *seat = nullptr, *path = nullptr;
    std::uint32_t number = 0;
    r = sd_bus_message_read(list, "(susso)", &id, &number, &user, &seat, &path);
    if (r <= 0) break;
    all.push_back({id, path});
  }
  if (r < 0) return fail_errno(-r, "the list of sessions");
  return all;
}

Result<std::string> service_of(Session const& session) {
  Target const properties{logind.service, session.path.c_str(), "org.freedesktop.DBus.Properties"};
  auto const answer = TRY(ask(properties, "Get", "ss", "org.freedesktop.login1.Session", "Service"));
  char const* service = nullptr;
  if (int const r = sd_bus_message_read(answer.get(), "v", "s", &service); r < 0)
    return fail_errno(-r, "a session's service");
  return std::string(service);
}

Result<void> end_session(Session const& session, std::string_view service) {
  if (TRY(service_of(session)) != service) return {};
  return call(logind, "KillSession", "ssi", session.id.c_str(), "all", SIGKILL);
}

class RealBus final : public SystemBus {
 public:
  Result<void> start_unit(std::string const& unit) override {
    return call(systemd, "StartUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> stop_unit(std::string const& unit) override {
    return call(systemd, "StopUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> restart_unit(std::string const& unit) override {
    return call(systemd, "RestartUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> reload_unit(std::string const& unit) override {
    return call(systemd, "ReloadUnit", "ss", unit.c_str(), "replace");
  }
  Result<void> start_irreversibly(std::string const& unit) override {
    return call(systemd, "StartUnit", "ss", unit.c_str(), "replace-irreversibly");
  }
  Result<void> end_sessions(std::string const& service) override {
    for (auto const& session : TRY(sessions())) {
      auto ended = end_session(session, service);
      if (ended) continue;
      // One that went by itself meanwhile is no failure.
      auto const left = TRY(sessions());
      if (std::ranges::contains(left, session.id, &Session::id)) return ended;
    }
    return {};
  }
  Result<void> set_clock(std::chrono::sys_seconds moment) override {
    auto const usec = std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
    // In UTC, absolute, asking nobody.
    return call(timedated, "SetTime", "xbb", static_cast<std::int64_t>(usec), 0, 0);
  }
};

}  // namespace

std::unique_ptr<SystemBus> system_bus() {
  return std::make_unique<RealBus>();
}

}  // namespace berth::host
