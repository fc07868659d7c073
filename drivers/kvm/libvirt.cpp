#include "drivers/kvm/libvirt.hpp"

#include <fcntl.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <format>
#include <set>
#include <system_error>
#include <thread>

namespace berth::kvm {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t idle_max = 4;
constexpr auto opening_limit = 6s;
constexpr auto waiting_limit = 3s;  // for somebody else's attempt to connect
constexpr auto ping_every = 2s;
constexpr auto hung_pause = 1500ms;  // after libvirtd was found hung: nobody else tries meanwhile

void keep_quiet(void* /*context*/, virErrorPtr /*error*/) {}  // libvirt would print to standard error

std::unexpected<Error> unavailable(std::string message) {
  return fail(ErrorCode::unavailable, "libvirt-unavailable", std::move(message));
}

ErrorCode code_of(virError const& error, std::string_view message) {
  if (message.contains("Cannot allocate memory") || message.contains("No space left on device"))
    return ErrorCode::exhausted;
  switch (error.code) {
    case VIR_ERR_NO_DOMAIN:
      return ErrorCode::not_found;
    case VIR_ERR_OPERATION_INVALID:
      return ErrorCode::conflict;
    case VIR_ERR_NO_MEMORY:
      return ErrorCode::exhausted;
    case VIR_ERR_OPERATION_TIMEOUT:
      return ErrorCode::timed_out;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_RPC:
      return ErrorCode::unavailable;
    case VIR_ERR_INTERNAL_ERROR:
    case VIR_ERR_SYSTEM_ERROR:
      // "client socket is closed", "Cannot recv data: Connection reset by peer"
      return error.domain == VIR_FROM_RPC || error.domain == VIR_FROM_REMOTE ? ErrorCode::unavailable
                                                                             : ErrorCode::internal;
    default:
      return ErrorCode::internal;
  }
}

// Our sockets that lead to `path`, by inode. A duplicate is looked at and acted on, so that a number which another
// thread closes and reuses meanwhile is never taken for the socket.
template <class Act>
void for_each_socket_to(std::string const& path, Act&& act) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    auto const name = entry->path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    Descriptor mine(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    sockaddr_un peer{};
    socklen_t length = sizeof peer;
    struct stat facts{};
    if (!mine.valid() || getpeername(mine.get(), reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    if (peer.sun_family != AF_UNIX || length <= offsetof(sockaddr_un, sun_path) || path != peer.sun_path) continue;
    if (fstat(mine.get(), &facts) == 0) act(std::move(mine), facts.st_ino);
  }
}

std::set<ino_t> sockets_to(std::string const& path) {
  std::set<ino_t> inodes;
  for_each_socket_to(path, [&](Descriptor&&, ino_t inode) { inodes.insert(inode); });
  return inodes;
}

// The daemon's end is still there and has nothing to say.
bool alive(int socket) {
  pollfd entry{socket, POLLIN | POLLRDHUP, 0};
  return poll(&entry, 1, 0) == 0;
}

}  // namespace

std::unexpected<Error> libvirt_error(std::string_view attempt) {
  auto const* error = virGetLastError();
  if (error == nullptr || error->code == VIR_ERR_OK)
    return fail(ErrorCode::internal, "libvirt-error", std::format("libvirt could not {}", attempt));
  std::string message = error->message == nullptr ? "no reason given" : error->message;
  auto const code = code_of(*error, message);
  auto slug = code == ErrorCode::unavailable ? "libvirt-unavailable" : "libvirt-error";
  auto result = fail(code, slug, std::format("libvirt could not {}: {}", attempt, message));
  virResetLastError();
  return result;
}

Libvirt::Libvirt(std::string socket) : socket_(std::move(socket)) {
  std::signal(SIGPIPE, SIG_IGN);
  virInitialize();
  virSetErrorFunc(nullptr, keep_quiet);
}

Libvirt::Line::~Line() {
  if (socket.valid()) ::shutdown(socket.get(), SHUT_RDWR);
}

Result<void> Libvirt::run(Patience patience, Act const& act) {
  auto line = TRY(take_line());
  bool reusable = false;
  auto result = run_on(line, patience, act, reusable);
  if (reusable) keep_line(std::move(line));
  return result;
}

Result<Libvirt::Line> Libvirt::hold(Patience patience, Act const& act) {
  auto line = TRY(take_line());
  bool reusable = false;
  TRY(run_on(line, patience, act, reusable));
  return line;
}

Result<void> Libvirt::run_on(Line& line, Patience patience, Act const& act, bool& reusable) {
  auto const cut = [socket = line.socket.get()] { ::shutdown(socket, SHUT_RDWR); };
  std::optional<Error> hung;
  Result<void> result;
  bool late = false;
  {
    Watchdog::Watch const watch(watchdog_, Steady::now() + patience.limit, cut);
    std::mutex waiting;
    std::condition_variable_any ended;
    std::jthread pulse;
    if (patience.patient)
      pulse = std::jthread([&](std::stop_token const& stop) {
        std::unique_lock lock(waiting);
        while (!ended.wait_for(lock, stop, ping_every, [] { return false; }) && !stop.stop_requested()) {
          auto answer = ping();
          if (answer || stop.stop_requested()) continue;
          hung = std::move(answer).error();
          return cut();
        }
      });
    result = act(line.connection.get());
    pulse.request_stop();
    if (pulse.joinable()) pulse.join();
    late = watch.fired();
  }
  if (hung && !result) return std::unexpected(*std::move(hung));
  if (late && !result)
    return fail(ErrorCode::timed_out, "libvirt-timed-out",
                std::format("libvirt did not answer within {} seconds",
                            std::chrono::duration_cast<std::chrono::seconds>(patience.limit).count()));
  reusable = !late && !hung && virConnectIsAlive(line.connection.get()) == 1;
  return result;
}

Result<Libvirt::Line> Libvirt::take_line() {
  {
    std::lock_guard const lock(mutex_);
    if (Steady::now() < hung_until_) return unavailable("libvirtd does not answer");
    while (!idle_.empty()) {
      auto line = std::move(idle_.back());
      idle_.pop_back();
      if (alive(line.socket.get())) return line;
    }
  }
  std::unique_lock const opening(opening_, waiting_limit);
  if (!opening.owns_lock()) return unavailable("libvirtd does not answer");
  {
    std::lock_guard const lock(mutex_);  // whoever was before us may have found out
    if (Steady::now() < hung_until_) return unavailable("libvirtd does not answer");
  }
  return open_line(Steady::now() + opening_limit);
}

Result<Libvirt::Line> Libvirt::open_line(Watchdog::Instant deadline) {
  TRY(socket_answers());
  auto const before = sockets_to(socket_);
  auto const cut = [&] {
    for_each_socket_to(socket_, [&](Descriptor&& socket, ino_t inode) {
      if (!before.contains(inode)) ::shutdown(socket.get(), SHUT_RDWR);
    });
  };
  Line line;
  {
    Watchdog::Watch const watch(watchdog_, deadline, cut);
    line.connection.reset(virConnectOpen(std::format("qemu+unix:///system?socket={}", socket_).c_str()));
    if (watch.fired()) {
      found_hung();
      return unavailable("libvirtd takes connections but does not answer");
    }
  }
  if (line.connection == nullptr) return unavailable(libvirt_error("connect").error().message);
  for_each_socket_to(socket_, [&](Descriptor&& socket, ino_t inode) {
    if (!before.contains(inode)) line.socket = std::move(socket);
  });
  if (!line.socket.valid()) return unavailable("libvirtd closed the connection");
  return line;
}

void Libvirt::keep_line(Line line) {
  std::lock_guard const lock(mutex_);
  if (idle_.size() < idle_max) idle_.push_back(std::move(line));
}

// connect(2) may block when the daemon's backlog is full, and libvirt's cannot be cut there: try it without blocking
// first.
Result<void> Libvirt::socket_answers() const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return unavailable("the path of libvirtd's socket is too long");
  std::memcpy(address.sun_path, socket_.c_str(), socket_.size());
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return fail_errno(errno, "make a socket");
  if (::connect(probe.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return {};
  if (errno == EAGAIN) return unavailable("libvirtd does not take connections");
  return unavailable(std::format("libvirtd is not running ({}: {})", socket_, std::generic_category().message(errno)));
}

Result<void> Libvirt::ping() {
  auto answer = call(Patience{4s, false}, [](virConnectPtr connection) -> Result<void> {
    unsigned long version = 0;
    if (virConnectGetLibVersion(connection, &version) != 0) return libvirt_error("tell its version");
    return {};
  });
  if (!answer && answer.error().code == ErrorCode::timed_out) found_hung();
  return answer;
}

void Libvirt::found_hung() {
  std::lock_guard const lock(mutex_);
  hung_until_ = Steady::now() + hung_pause;
  idle_.clear();
}

}  // namespace berth::kvm
