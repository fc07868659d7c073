#include "firmware/api/console_pump.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

namespace berth::api {
namespace {

constexpr std::size_t chunk_bytes = 16 * 1024;
constexpr std::size_t to_guest_bytes_max = 256 * 1024;
constexpr std::chrono::seconds check_every{2};
constexpr int stalled_retry_ms = 20;

}  // namespace

struct ConsolePump::Link {
  LinkId id = 0;
  Descriptor console;
  http::Sender viewer;
  StillAllowed allowed;
  std::string to_guest;   // typed, not yet taken by the engine
  std::string to_viewer;  // read, not yet taken by the viewer's queue: while it is not empty nothing more is read
  bool hung_up = false;   // the guest's end is closed: read to its end, then over
  bool over = false;
};

Result<std::unique_ptr<ConsolePump>> ConsolePump::start() {
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll.valid() || !wake.valid()) return fail_errno(errno, "console pump");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) return fail_errno(errno, "console pump");
  auto pump = std::make_unique<ConsolePump>(std::move(epoll), std::move(wake));
  pump->thread_ = std::thread([self = pump.get()] { self->run(); });
  return pump;
}

ConsolePump::ConsolePump(Descriptor epoll, Descriptor wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}

ConsolePump::~ConsolePump() {
  stop();
}

void ConsolePump::stop() {
  {
    std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (auto& [id, link] : links_) finish(*link, http::CloseCode::going_away, "the panel stops");
    links_.clear();
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void ConsolePump::wake() {
  std::uint64_t const one = 1;
  [[maybe_unused]] auto const written = ::write(wake_.get(), &one, sizeof one);  // a full counter wakes as well
}

Result<ConsolePump::LinkId> ConsolePump::add(Descriptor console, http::Sender viewer, StillAllowed allowed) {
  auto const flags = ::fcntl(console.get(), F_GETFL);
  if (flags < 0 || ::fcntl(console.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return fail_errno(errno, "console descriptor");
  std::scoped_lock lock(mutex_);
  if (stopping_) return fail(ErrorCode::unavailable, "stopping", "The panel is stopping.");
  auto const id = next_++;
  auto link =
      std::make_unique<Link>(Link{id, std::move(console), std::move(viewer), std::move(allowed), {}, {}, false, false});
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, link->console.get(), &event) != 0)
    return fail_errno(errno, "console descriptor");
  links_.emplace(id, std::move(link));
  wake();  // from now on its right is looked at, whether it says anything or not
  return id;
}

void ConsolePump::arm(Link& link) const {
  epoll_event event{};
  event.events = (link.to_viewer.empty() ? EPOLLIN : 0u) | (link.to_guest.empty() ? 0u : EPOLLOUT);
  event.data.u64 = link.id;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, link.console.get(), &event);
}

bool ConsolePump::to_guest(LinkId id, std::string_view bytes) {
  std::scoped_lock lock(mutex_);
  auto const found = links_.find(id);
  if (found == links_.end() || found->second->over) return false;
  auto& link = *found->second;
  if (link.to_guest.size() + bytes.size() > to_guest_bytes_max) return false;
  link.to_guest += bytes;
  flush_to_guest(link);
  return true;
}

void ConsolePump::flush_to_guest(Link& link) {
  while (!link.to_guest.empty()) {
    auto const sent =
        ::send(link.console.get(), link.to_guest.data(), link.to_guest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return finish(link, close_guest_stopped, "the guest stopped");
    if (sent < 0) break;
    link.to_guest.erase(0, static_cast<std::size_t>(sent));
  }
  arm(link);
}

void ConsolePump::remove(LinkId id) {
  std::scoped_lock lock(mutex_);
  links_.erase(id);  // closing the descriptor takes it out of the epoll set
}

void ConsolePump::finish(Link& link, http::CloseCode code, std::string_view reason) {
  if (link.over) return;
  link.over = true;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, link.console.get(), nullptr);
  link.viewer.close(code, reason);
}

void ConsolePump::from_guest(Link& link) {
  std::array<char, chunk_bytes> buffer;
  auto const got = ::recv(link.console.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR) && !link.hung_up) return;
  if (got <= 0) return finish(link, close_guest_stopped, "the guest stopped");
  std::string_view const bytes(buffer.data(), static_cast<std::size_t>(got));
  if (link.viewer.send(http::MessageKind::binary, bytes)) return;
  link.to_viewer = bytes;
  arm(link);
}

void ConsolePump::retry_stalled() {
  for (auto& [id, link] : links_) {
    if (link->over || link->to_viewer.empty()) continue;
    if (link->viewer.send(http::MessageKind::binary, link->to_viewer)) {
      link->to_viewer.clear();
      while (link->hung_up && !link->over && link->to_viewer.empty()) from_guest(*link);
      if (!link->over && !link->hung_up) arm(*link);
    } else if (!link->viewer.open()) {
      finish(*link, http::CloseCode::normal, "");
    }
  }
}

void ConsolePump::check_rights() {
  auto const now = std::chrono::steady_clock::now();
  if (now - checked_at_ < check_every) return;
  checked_at_ = now;
  // The checks read the database: without the lock, so that typing goes on meanwhile.
  std::vector<std::pair<LinkId, StillAllowed>> checks;
  {
    std::scoped_lock lock(mutex_);
    for (auto const& [id, link] : links_)
      if (!link->over) checks.emplace_back(id, link->allowed);
  }
  for (auto const& [id, allowed] : checks) {
    if (allowed()) continue;
    std::scoped_lock lock(mutex_);
    if (auto const found = links_.find(id); found != links_.end())
      finish(*found->second, close_right_withdrawn, "the right was withdrawn");
  }
}

bool ConsolePump::turn() {
  std::array<epoll_event, 32> events{};
  int wait_ms = static_cast<int>(std::chrono::milliseconds(check_every).count());
  {
    std::scoped_lock lock(mutex_);
    if (stopping_) return false;
    if (links_.empty()) wait_ms = -1;
    for (auto const& [id, link] : links_)
      if (!link->over && !link->to_viewer.empty()) wait_ms = stalled_retry_ms;
  }
  auto const count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms);
  {
    std::scoped_lock lock(mutex_);
    if (stopping_) return false;
    for (int i = 0; i < count; ++i) {
      auto const& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == 0) {
        std::uint64_t woken = 0;
        [[maybe_unused]] auto const read = ::read(wake_.get(), &woken, sizeof woken);
        continue;
      }
      auto const found = links_.find(event.data.u64);
      if (found == links_.end() || found->second->over) continue;
      auto& link = *found->second;
      if ((event.events & EPOLLOUT) != 0) flush_to_guest(link);
      if (link.over || (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) continue;
      if (link.to_viewer.empty()) {
        from_guest(link);
      } else if ((event.events & (EPOLLHUP | EPOLLERR)) != 0) {
        // Reported whether it is asked for or not, without end: the rest is read when the viewer has taken what waits.
        link.hung_up = true;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, link.console.get(), nullptr);
      }
    }
    retry_stalled();
  }
  check_rights();
  return true;
}

void ConsolePump::run() {
  while (turn()) {
  }
}

}  // namespace berth::api
