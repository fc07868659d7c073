#include "drivers/contract/caller.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>

#include "drivers/contract/wire.hpp"

namespace berth::contract {
namespace {

using SteadyPoint = std::chrono::steady_clock::time_point;
constexpr std::size_t connections_max = 64;  // under way at once; the server takes more
constexpr std::size_t idle_max = 8;

struct Close {
  void operator()(sd_varlink* link) const { sd_varlink_close_unref(link); }
};
using Link = std::unique_ptr<sd_varlink, Close>;

std::unexpected<Error> engine_down(std::string_view why) {
  return fail(ErrorCode::unavailable, "engine-down", "The engine does not answer: " + std::string(why) + ".");
}
std::unexpected<Error> engine_timeout() {
  return fail(ErrorCode::unavailable, "engine-timeout", "The engine did not answer in time.");
}

Result<Link> connect_to(std::filesystem::path const& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto const& path = socket.native();
  if (path.size() >= sizeof address.sun_path) return engine_down("its socket's path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fail_errno(errno, "making a socket");
  // On a UNIX socket this never waits: EAGAIN says that the queue of an engine that accepts nobody is full.
  if (::connect(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) < 0)
    return engine_down(std::strerror(errno));
  sd_varlink* raw = nullptr;
  if (int const r = sd_varlink_connect_fd(&raw, fd.get()); r < 0)
    return fail_errno(-r, "speaking varlink to the engine");
  fd.release();
  Link link(raw);
  if (int const r = sd_varlink_set_allow_fd_passing_input(raw, true); r < 0)
    return fail_errno(-r, "descriptor passing");
  if (int const r = sd_varlink_set_allow_fd_passing_output(raw, true); r < 0)
    return fail_errno(-r, "descriptor passing");
  return link;
}

// An idle connection has nothing to say: anything readable is the end of it.
bool still_open(sd_varlink* link) {
  pollfd p{sd_varlink_get_fd(link), POLLIN, 0};
  return ::poll(&p, 1, 0) == 0;
}

}  // namespace

// Connections that are not in use, and the count of those that are.
class Caller::Pool {
 public:
  explicit Pool(std::filesystem::path socket) : socket_(std::move(socket)) {}

  struct Taken {
    Link link;
    bool used_before;
  };

  Result<Taken> take(SteadyPoint until) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_until(lock, until, [this] { return taken_ < connections_max; })) return engine_timeout();
    while (!idle_.empty()) {
      auto link = std::move(idle_.back());
      idle_.pop_back();
      if (!still_open(link.get())) continue;
      ++taken_;
      return Taken{std::move(link), true};
    }
    ++taken_;
    lock.unlock();
    auto link = connect_to(socket_);
    if (!link) {
      give_back(nullptr);
      return std::unexpected(std::move(link).error());
    }
    return Taken{*std::move(link), false};
  }

  // A null link is one that was lost.
  void give_back(Link link) {
    std::lock_guard lock(mutex_);
    --taken_;
    if (link && idle_.size() < idle_max) idle_.push_back(std::move(link));
    free_.notify_one();
  }

 private:
  std::filesystem::path const socket_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<Link> idle_;
  std::size_t taken_ = 0;
};

namespace {

// One call on one connection. nullopt: the connection was lost before an answer came.
struct Outcome {
  std::optional<Result<json::value>> answer;
  bool link_good = false;
};

Result<json::value> read_answer(sd_json_variant* reply, char const* error_id) {
  auto parameters = TRY(wire::from_variant(reply));
  if (error_id != nullptr) return std::unexpected(wire::decode_error(error_id, parameters));
  return parameters;
}

Outcome call_once(sd_varlink* link, char const* method, sd_json_variant* parameters, std::chrono::microseconds left,
                  Descriptor const* send, Descriptor* received) {
  if (int const r = sd_varlink_set_relative_timeout(link, static_cast<std::uint64_t>(left.count())); r < 0)
    return {fail_errno(-r, "a deadline")};
  if (send != nullptr)
    if (int const r = sd_varlink_push_dup_fd(link, send->get()); r < 0) return {fail_errno(-r, "passing a descriptor")};
  sd_json_variant* reply = nullptr;
  char const* error_id = nullptr;
  int const r = sd_varlink_call(link, method, parameters, &reply, &error_id);
  if (r == -ETIME) return {engine_timeout()};
  if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE) return {std::nullopt};
  if (r < 0) return {fail_errno(-r, method)};
  if (received != nullptr && error_id == nullptr) {
    int const fd = sd_varlink_take_fd(link, 0);
    if (fd < 0) return {fail(ErrorCode::internal, "malformed-reply", "The engine's answer carries no descriptor.")};
    received->reset(fd);
  }
  return {read_answer(reply, error_id), true};
}

// The ear of one that follows.
struct Hearing {
  std::function<Result<void>(json::value const&)> const& heard;
  Result<void> outcome = {};
};

int on_reply(sd_varlink*, sd_json_variant* parameters, char const* error_id, sd_varlink_reply_flags_t flags,
             void* userdata) {
  auto& hearing = *static_cast<Hearing*>(userdata);
  if (error_id != nullptr && (flags & SD_VARLINK_REPLY_LOCAL)) {
    hearing.outcome = engine_down("it hung up");
    return 0;
  }
  auto const answer = read_answer(parameters, error_id);
  hearing.outcome = answer ? hearing.heard(*answer) : Result<void>(std::unexpected(answer.error()));
  return 0;
}

}  // namespace

Caller::Caller(std::filesystem::path socket) : socket_(std::move(socket)), pool_(std::make_unique<Pool>(socket_)) {}
Caller::~Caller() = default;

Result<json::value> Caller::exchange(Exchange const& exchange) {
  auto const until = std::chrono::steady_clock::now() + exchange.deadline;
  auto parameters = TRY(wire::to_variant(exchange.parameters));
  while (true) {
    auto taken = TRY(pool_->take(until));
    auto const left = std::chrono::duration_cast<std::chrono::microseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      pool_->give_back(std::move(taken.link));
      return engine_timeout();
    }
    auto outcome =
        call_once(taken.link.get(), exchange.method, parameters.get(), left, exchange.send, exchange.received);
    if (!outcome.link_good) taken.link.reset();
    pool_->give_back(std::move(taken.link));
    if (outcome.answer) return *std::move(outcome.answer);
    // Lost under the call. A connection from an engine that has since restarted says nothing about the one that runs now.
    if (!taken.used_before) return engine_down("it hung up");
  }
}

Result<void> Caller::follow(char const* method, std::stop_token const& stop,
                            std::function<Result<void>(json::value const&)> const& heard) {
  auto const link = TRY(connect_to(socket_));
  Descriptor const wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  std::stop_callback const waker(stop, [&] {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto n = ::write(wake.get(), &one, sizeof one);
  });
  Hearing hearing{heard};
  sd_varlink_set_userdata(link.get(), &hearing);
  int r = sd_varlink_bind_reply(link.get(), on_reply);
  if (r >= 0) r = sd_varlink_set_relative_timeout(link.get(), UINT64_MAX);  // news come when they come
  if (r >= 0) r = sd_varlink_observe(link.get(), method, nullptr);
  while (r >= 0 && hearing.outcome && !stop.stop_requested()) {
    r = sd_varlink_process(link.get());
    if (r != 0) continue;
    auto const events = static_cast<short>(sd_varlink_get_events(link.get()));
    pollfd watched[] = {{sd_varlink_get_fd(link.get()), events, 0}, {wake.get(), POLLIN, 0}};
    ::poll(watched, 2, -1);
  }
  if (stop.stop_requested()) return {};
  if (!hearing.outcome) return hearing.outcome;
  return engine_down("it hung up");
}

}  // namespace berth::contract
