#include "drivers/contract/server.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-varlink.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/contract/dispatch.hpp"
#include "drivers/contract/engine_idl.h"
#include "drivers/contract/machine_idl.h"
#include "drivers/contract/wire.hpp"
#include "drivers/contract/worker_pool.hpp"
#include "firmware/base/log.hpp"

namespace berth::contract {
namespace {

// A panel and a few people with varlinkctl; the panel's pool is smaller (client.hpp).
constexpr unsigned connections_max = 256;
constexpr std::size_t monitors_max = 16;
constexpr std::size_t readers_max = 16;
constexpr std::size_t actors_max = 32;

template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* handle) const {
    Release(handle);
  }
};
using Event = std::unique_ptr<sd_event, Releaser<sd_event_unref>>;
using Source = std::unique_ptr<sd_event_source, Releaser<sd_event_source_disable_unref>>;
using VarlinkServer = std::unique_ptr<sd_varlink_server, Releaser<sd_varlink_server_unref>>;
using Link = std::unique_ptr<sd_varlink, Releaser<sd_varlink_unref>>;

Result<void> need(int r, std::string_view what) {
  if (r < 0) return fail_errno(-r, what);
  return {};
}

// An answer on its way from a worker to the loop. The link is touched by the loop's thread alone.
struct Answer {
  Link link;
  char const* error_name;
  Result<DispatchReply> reply;
};

template <class Subject>
Result<DispatchReply> run_guarded(DispatchRow<Subject> const& row, Subject& subject, json::value const& parameters,
                                  Descriptor file) {
  try {
    return row.run(subject, parameters, std::move(file));
  } catch (std::exception const& e) {
    log(LogLevel::error, "engine", "a call threw", {{"method", row.method}, {"what", e.what()}});
    return fail(ErrorCode::internal, "engine-fault", "The engine failed in an unforeseen way.");
  }
}

}  // namespace

struct Server::State {
  State(Engine& served, Machine& around, ServeOptions chosen)
      : engine(served), machine(around), options(std::move(chosen)) {}

  Engine& engine;
  Machine& machine;
  ServeOptions const options;
  Event event;
  VarlinkServer varlink;
  Descriptor wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Source on_wake, on_term, on_int, on_drained;
  std::optional<uid_t> panel_uid;
  std::atomic<bool> stop_wanted = false;
  bool stopping = false;
  std::size_t under_way = 0;

  std::mutex mutex;
  std::vector<Answer> answers;  // guarded by mutex
  bool news_of_all = false;     // guarded by mutex, as is:
  std::set<std::string> news;   // guests that monitors have not been told of

  std::vector<Link> monitors;  // the loop's alone

  // Last: their threads use what stands above.
  WorkerPool readers{readers_max, 1024};
  WorkerPool actors{actors_max, 1024};
  std::jthread listener;  // to the engine, for all monitors

  void poke() noexcept {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto n = ::write(wake.get(), &one, sizeof one);
  }

  bool may_call(uid_t uid) const { return uid == 0 || uid == geteuid() || uid == panel_uid; }

  template <class Subject>
  void accept_call(sd_varlink* link, DispatchRow<Subject> const& row, Subject& subject, sd_json_variant* raw,
                   sd_varlink_method_flags_t flags);
  void send(sd_varlink* link, char const* error_name, Result<DispatchReply> reply);
  void deliver_all();
  int accept_monitor(sd_varlink* link, sd_varlink_method_flags_t flags);
  void hear(GuestNews const& guest);
  void tell_monitors();
  void begin_stop();
  void finish_when_drained() {
    if (stopping && under_way == 0) sd_event_exit(event.get(), 0);
  }
};

namespace {

Server::State& state_of(void* userdata) {
  return *static_cast<Server::State*>(userdata);
}

template <std::size_t Row>
int on_engine_call(sd_varlink* link, sd_json_variant* parameters, sd_varlink_method_flags_t flags, void* userdata) {
  auto& state = state_of(userdata);
  state.accept_call(link, engine_rows()[Row], state.engine, parameters, flags);
  return 0;
}

template <std::size_t Row>
int on_machine_call(sd_varlink* link, sd_json_variant* parameters, sd_varlink_method_flags_t flags, void* userdata) {
  auto& state = state_of(userdata);
  state.accept_call(link, machine_rows()[Row], state.machine, parameters, flags);
  return 0;
}

int on_monitor(sd_varlink* link, sd_json_variant*, sd_varlink_method_flags_t flags, void* userdata) {
  return state_of(userdata).accept_monitor(link, flags);
}

void on_disconnect(sd_varlink_server*, sd_varlink* link, void* userdata) {
  std::erase_if(state_of(userdata).monitors, [&](Link const& monitor) { return monitor.get() == link; });
}

int on_connect(sd_varlink_server*, sd_varlink* link, void* userdata) {
  uid_t uid = 0;
  if (int const r = sd_varlink_get_peer_uid(link, &uid); r < 0) return r;
  if (!state_of(userdata).may_call(uid)) {
    log(LogLevel::warning, "engine", "hung up on a caller without the right", {{"uid", std::to_string(uid)}});
    return -EPERM;
  }
  if (int const r = sd_varlink_set_allow_fd_passing_input(link, true); r < 0) return r;
  return sd_varlink_set_allow_fd_passing_output(link, true);
}

int on_wake(sd_event_source*, int fd, std::uint32_t, void* userdata) {
  std::uint64_t count = 0;
  [[maybe_unused]] auto n = ::read(fd, &count, sizeof count);
  auto& state = state_of(userdata);
  state.deliver_all();
  state.tell_monitors();
  if (state.stop_wanted.load()) state.begin_stop();
  return 0;
}

int on_signal(sd_event_source*, signalfd_siginfo const*, void* userdata) {
  state_of(userdata).begin_stop();
  return 0;
}

int on_drain_over(sd_event_source* source, std::uint64_t, void*) {
  return sd_event_exit(sd_event_source_get_event(source), 1);
}

template <std::size_t... Rows>
Result<void> bind_engine(sd_varlink_server* server, std::index_sequence<Rows...>) {
  Result<void> bound;
  auto const bind = [&](char const* method, sd_varlink_method_t call) {
    if (bound) bound = need(sd_varlink_server_bind_method(server, method, call), method);
  };
  (bind(engine_rows()[Rows].method, on_engine_call<Rows>), ...);
  return bound;
}

template <std::size_t... Rows>
Result<void> bind_machine(sd_varlink_server* server, std::index_sequence<Rows...>) {
  Result<void> bound;
  auto const bind = [&](char const* method, sd_varlink_method_t call) {
    if (bound) bound = need(sd_varlink_server_bind_method(server, method, call), method);
  };
  (bind(machine_rows()[Rows].method, on_machine_call<Rows>), ...);
  return bound;
}

std::optional<uid_t> uid_of(char const* user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(4096);
  getpwnam_r(user, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return found->pw_uid;
}

Result<gid_t> gid_of(std::string const& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(16384);
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return fail(ErrorCode::not_found, "group-unknown", "There is no group " + name + ".");
  return found->gr_gid;
}

Result<sockaddr_un> address_of(std::filesystem::path const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid_argument, "socket-path", "The socket's path must have 1 to 107 bytes: " + text);
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

// A listening socket at the path. One that nobody answers on, left by a process that died, is replaced.
Result<Descriptor> listen_at(ServeOptions const& options) {
  auto const address = TRY(address_of(options.socket));
  auto const* plain = reinterpret_cast<sockaddr const*>(&address);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fail_errno(errno, "making a socket");
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), plain, sizeof address) == 0 || errno == EAGAIN)
    return fail(ErrorCode::conflict, "socket-in-use", "Another process answers on " + options.socket.string() + ".");
  if (errno == ECONNREFUSED && ::unlink(options.socket.c_str()) < 0)
    return fail_errno(errno, "removing a stale socket");
  // Nobody but this user can connect before mode and group are set.
  ::fchmod(fd.get(), 0600);
  if (::bind(fd.get(), plain, sizeof address) < 0) return fail_errno(errno, "binding " + options.socket.string());
  if (!options.group.empty()) {
    auto const gid = TRY(gid_of(options.group));
    if (::chown(options.socket.c_str(), static_cast<uid_t>(-1), gid) < 0)
      return fail_errno(errno, "giving the socket to " + options.group);
  }
  if (::chmod(options.socket.c_str(), options.mode) < 0) return fail_errno(errno, "setting the socket's mode");
  if (::listen(fd.get(), 64) < 0) return fail_errno(errno, "listening on " + options.socket.string());
  return fd;
}

}  // namespace

template <class Subject>
void Server::State::accept_call(sd_varlink* link, DispatchRow<Subject> const& row, Subject& subject,
                                sd_json_variant* raw, sd_varlink_method_flags_t flags) {
  constexpr char const* error_name = std::is_same_v<Subject, Machine> ? wire::machine_failed : wire::engine_failed;
  if (flags & SD_VARLINK_METHOD_ONEWAY) return;  // nobody would hear how it went: not done
  if (stopping)
    return send(link, error_name,
                fail(ErrorCode::unavailable, "engine-stopping", "The engine is stopping; try again."));
  auto parameters = wire::from_variant(raw);
  if (!parameters) return send(link, error_name, std::unexpected(std::move(parameters).error()));
  Descriptor file;
  if (row.takes_file) {
    file.reset(std::max(-1, sd_varlink_take_fd(link, 0)));
    if (!file.valid())
      return send(
          link, error_name,
          fail(ErrorCode::invalid_argument, "descriptor-missing", "This call takes a file descriptor beside it."));
  }
  // The pool's work runs in another thread: it carries the link and never looks at it.
  auto& pool = row.acts ? actors : readers;
  bool const taken = pool.submit([this, &row, &subject, held = Link(sd_varlink_ref(link)), v = *std::move(parameters),
                                  f = std::move(file)]() mutable {
    Answer answer{std::move(held), error_name, run_guarded(row, subject, v, std::move(f))};
    {
      std::lock_guard lock(mutex);
      answers.push_back(std::move(answer));
    }
    poke();
  });
  if (!taken)
    return send(link, error_name,
                fail(ErrorCode::unavailable, "engine-busy", "The engine has too many calls waiting; try again."));
  ++under_way;
}

void Server::State::send(sd_varlink* link, char const* error_name, Result<DispatchReply> reply) {
  int r = 0;
  if (reply) {
    auto variant = wire::to_variant(reply->parameters);
    if (!variant) return send(link, error_name, std::unexpected(std::move(variant).error()));
    if (reply->descriptor.valid()) {
      r = sd_varlink_push_fd(link, reply->descriptor.get());
      if (r >= 0) reply->descriptor.release();
    }
    if (r >= 0) r = sd_varlink_reply(link, variant->get());
  } else {
    if (reply.error().code == ErrorCode::internal || reply.error().code == ErrorCode::io)
      log(LogLevel::error, "engine", describe(reply.error()));
    auto variant = wire::to_variant(wire::encode_error(reply.error()));
    r = variant ? sd_varlink_error(link, error_name, variant->get()) : sd_varlink_error_errno(link, EIO);
  }
  // sd_varlink_error() returns the error's errno by design; a caller that left (ENOTCONN) needs no answer.
  if (r < 0 && reply && r != -ENOTCONN) {
    log(LogLevel::warning, "engine", "an answer could not be sent", {{"error", std::strerror(-r)}});
    sd_varlink_close(link);
  }
}

void Server::State::deliver_all() {
  std::vector<Answer> ready;
  {
    std::lock_guard lock(mutex);
    ready.swap(answers);
  }
  for (auto& answer : ready) {
    --under_way;
    send(answer.link.get(), answer.error_name, std::move(answer.reply));
    sd_varlink_flush(answer.link.get());
  }
  finish_when_drained();
}

int Server::State::accept_monitor(sd_varlink* link, sd_varlink_method_flags_t flags) {
  if (!(flags & SD_VARLINK_METHOD_MORE)) return sd_varlink_error(link, SD_VARLINK_ERROR_EXPECTED_MORE, nullptr);
  if (stopping || monitors.size() >= monitors_max) {
    send(link, wire::engine_failed,
         fail(ErrorCode::exhausted, "too-many-monitors", "The engine is monitored by too many already."));
    return 0;
  }
  monitors.emplace_back(sd_varlink_ref(link));
  return sd_varlink_notify(link, nullptr);
}

// In the listener's thread.
void Server::State::hear(GuestNews const& guest) {
  {
    std::lock_guard lock(mutex);
    if (guest)
      news.insert(guest->str());
    else
      news_of_all = true;
  }
  poke();
}

void Server::State::tell_monitors() {
  std::set<std::string> guests;
  bool all = false;
  {
    std::lock_guard lock(mutex);
    guests.swap(news);
    all = std::exchange(news_of_all, false);
  }
  std::vector<wire::Variant> messages;
  if (all) messages.emplace_back();
  for (auto const& guest : guests)
    if (auto message = wire::to_variant(json::object{{"guest", guest}})) messages.push_back(*std::move(message));
  std::vector<sd_varlink*> deaf;
  for (auto const& monitor : monitors)
    for (auto const& message : messages)
      if (sd_varlink_notify(monitor.get(), message.get()) < 0) {
        deaf.push_back(monitor.get());  // it does not read: let it come again and look at everything
        break;
      }
  for (auto* link : deaf) sd_varlink_close(link);
}

void Server::State::begin_stop() {
  if (stopping) return;
  stopping = true;
  for (auto const& monitor : std::exchange(monitors, {})) sd_varlink_close(monitor.get());
  sd_notify(0, "STOPPING=1");
  ::unlink(options.socket.c_str());
  sd_event_source* timer = nullptr;
  auto const usec = static_cast<std::uint64_t>(std::chrono::microseconds(options.drain).count());
  if (sd_event_add_time_relative(event.get(), &timer, CLOCK_MONOTONIC, usec, 0, on_drain_over, nullptr) >= 0)
    on_drained.reset(timer);
  else
    sd_event_exit(event.get(), 1);
  finish_when_drained();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(Engine& engine, Machine& machine, ServeOptions const& options) {
  auto state = std::make_unique<State>(engine, machine, options);
  state->panel_uid = uid_of("berth");
  sd_event* event = nullptr;
  TRY(need(sd_event_new(&event), "making the event loop"));
  state->event.reset(event);
  sd_varlink_server* server = nullptr;
  auto const flags =
      static_cast<sd_varlink_server_flags_t>(SD_VARLINK_SERVER_INHERIT_USERDATA | SD_VARLINK_SERVER_INPUT_SENSITIVE);
  TRY(need(sd_varlink_server_new(&server, flags), "making the varlink server"));
  state->varlink.reset(server);
  sd_varlink_server_set_userdata(server, state.get());
  TRY(need(sd_varlink_server_set_info(server, "Berth", "Berth engine", "1", nullptr), "describing the varlink server"));
  TRY(need(sd_varlink_server_add_interface(server, &vl_interface_org_berth_Engine), "the interface org.berth.Engine"));
  TRY(need(sd_varlink_server_add_interface(server, &vl_interface_org_berth_Machine),
           "the interface org.berth.Machine"));
  TRY(bind_engine(server, std::make_index_sequence<engine_row_count>()));
  TRY(bind_machine(server, std::make_index_sequence<machine_row_count>()));
  TRY(need(sd_varlink_server_bind_method(server, "org.berth.Engine.Monitor", on_monitor), "the method Monitor"));
  TRY(need(sd_varlink_server_bind_connect(server, on_connect), "the varlink server"));
  TRY(need(sd_varlink_server_bind_disconnect(server, on_disconnect), "the varlink server"));
  TRY(need(sd_varlink_server_set_connections_max(server, connections_max), "the varlink server"));
  TRY(need(sd_varlink_server_set_connections_per_uid_max(server, connections_max), "the varlink server"));

  auto listening = TRY(listen_at(options));
  TRY(need(sd_varlink_server_listen_fd(server, listening.get()), "listening"));
  listening.release();
  TRY(need(sd_varlink_server_attach_event(server, event, SD_EVENT_PRIORITY_NORMAL), "the event loop"));

  sd_event_source* source = nullptr;
  TRY(need(sd_event_add_io(event, &source, state->wake.get(), EPOLLIN, on_wake, state.get()), "the event loop"));
  state->on_wake.reset(source);
  if (options.handle_signals) {
    TRY(need(sd_event_add_signal(event, &source, SIGTERM, on_signal, state.get()), "SIGTERM"));
    state->on_term.reset(source);
    TRY(need(sd_event_add_signal(event, &source, SIGINT, on_signal, state.get()), "SIGINT"));
    state->on_int.reset(source);
  }
  state->listener = std::jthread([s = state.get()](std::stop_token const& stop) {
    if (auto heard = s->engine.monitor(stop, [s](GuestNews const& guest) { s->hear(guest); }); !heard)
      log(LogLevel::error, "engine", "guests are not monitored", {{"error", describe(heard.error())}});
  });
  return std::make_unique<Server>(std::move(state));
}

Result<void> Server::run() {
  auto* event = state_->event.get();
  TRY(need(sd_event_set_watchdog(event, true), "the watchdog"));
  sd_notify(0, "READY=1");
  int const r = sd_event_loop(event);
  TRY(need(r, "the event loop"));
  if (r != 0) return fail(ErrorCode::timed_out, "calls-under-way", "Calls were still under way when the engine left.");
  return {};
}

void Server::stop() noexcept {
  state_->stop_wanted.store(true);
  state_->poke();
}

}  // namespace berth::contract
