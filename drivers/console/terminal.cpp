#include "drivers/console/terminal.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace berth::console {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t viewers_max = 30;
constexpr std::size_t pending_max = std::size_t{256} * 1024;
constexpr std::size_t input_max = std::size_t{16} * 1024;
constexpr auto window = 100ms;
constexpr std::size_t window_lines_max = 2000;
constexpr std::size_t window_bytes_max = std::size_t{256} * 1024;
constexpr auto lost_grace = 2s;    // viewers outlive a lost terminal this long
constexpr auto stuck_grace = 30s;  // a viewer that takes nothing while more is due is closed after this
constexpr auto backoff_first = 50ms;
constexpr std::chrono::milliseconds backoff_max = 2s;
constexpr std::string_view skipped = "\r\n[... some output was skipped ...]\r\n";

}  // namespace

Terminal::~Terminal() {
  if (upstream_.valid()) poller_.remove(upstream_.get());
  while (!viewers_.empty()) drop(viewers_.begin());
}

Result<Descriptor> Terminal::open(Instant now) {
  if (viewers_.size() >= viewers_max)
    return fail(ErrorCode::exhausted, "too-many-viewers", "This console is open too often already.");
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return fail_errno(errno, "opening a console");
  Descriptor ours(pair[0]);
  Descriptor theirs(pair[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  auto const key = poller_.add(ours.get(), EPOLLIN);
  auto& viewer = viewers_[key] = Viewer{std::move(ours), {}, now, true};
  send_to(viewer, history_.recent(), now);
  watch(key, viewer);
  return theirs;
}

void Terminal::connect_succeeded(Descriptor upstream) {
  int type = 0;
  socklen_t size = sizeof type;
  ::getsockopt(upstream.get(), SOL_SOCKET, SO_TYPE, &type, &size);
  tagged_ = type == SOCK_SEQPACKET;
  ::fcntl(upstream.get(), F_SETFL, ::fcntl(upstream.get(), F_GETFL) | O_NONBLOCK);
  upstream_ = std::move(upstream);
  ever_connected_ = true;
  upstream_key_ = poller_.add(upstream_.get(), 0);
  backoff_ = 0ms;
  lost_at_.reset();
  watch_upstream();
}

void Terminal::connect_failed(Instant now) {
  backoff_ = std::clamp<std::chrono::milliseconds>(backoff_ * 2, backoff_first, backoff_max);
  connect_at_ = now + backoff_;
}

void Terminal::lose_upstream(Instant now) {
  poller_.remove(upstream_.get());
  upstream_.reset();
  upstream_key_ = 0;
  input_.clear();
  lost_at_ = now;
  backoff_ = backoff_first;
  connect_at_ = now + backoff_;
  watch_all();
}

void Terminal::on_event(Poller::Key key, std::uint32_t events, Instant now) {
  if (key == upstream_key_) {
    if (events & EPOLLOUT) flush_input();
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_upstream(now);
    return;
  }
  auto const found = viewers_.find(key);
  if (found == viewers_.end()) return;
  auto& viewer = found->second;
  if (events & (EPOLLHUP | EPOLLERR)) {
    drop(found);
    return;
  }
  if (events & EPOLLIN) hear(viewer);
  if ((events & EPOLLOUT) && !flush(viewer, now)) {
    drop(found);
    return;
  }
  watch(key, viewer);
}

void Terminal::read_upstream(Instant now) {
  std::array<char, 32 * 1024 + 1> buffer;  // conmon's messages: 32 KiB and the tag
  auto const n = ::recv(upstream_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return lose_upstream(now);
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
  if (tagged_) bytes.remove_prefix(1);
  history_.add(bytes);
  show(bytes, now);
  if (over_budget(bytes, now)) {
    throttled_ = true;
    watch_upstream();
  }
}

bool Terminal::over_budget(std::string_view bytes, Instant now) {
  if (now - window_began_ >= window) window_began_ = now, window_lines_ = 0, window_bytes_ = 0;
  window_lines_ += static_cast<std::size_t>(std::ranges::count(bytes, '\n'));
  window_bytes_ += bytes.size();
  return window_lines_ >= window_lines_max || window_bytes_ >= window_bytes_max;
}

void Terminal::show(std::string_view bytes, Instant now) {
  for (auto i = viewers_.begin(); i != viewers_.end();) {
    auto& viewer = i->second;
    send_to(viewer, bytes, now);
    if (!viewer.pending.empty() && now - viewer.moved > stuck_grace) {
      i = drop(i);
      continue;
    }
    watch(i->first, viewer);
    ++i;
  }
}

void Terminal::send_to(Viewer& viewer, std::string_view bytes, Instant now) {
  if (viewer.pending.empty()) viewer.moved = now;
  if (viewer.pending.size() + bytes.size() > pending_max) viewer.pending = skipped;
  viewer.pending += bytes;
  flush(viewer, now);  // an error shows again as EPOLLERR or EPOLLHUP
}

// False when the viewer is gone.
bool Terminal::flush(Viewer& viewer, Instant now) {
  while (!viewer.pending.empty()) {
    auto const n =
        ::send(viewer.socket.get(), viewer.pending.data(), viewer.pending.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    viewer.moved = now;
    viewer.pending.erase(0, static_cast<std::size_t>(n));
  }
  return true;
}

void Terminal::hear(Viewer& viewer) {
  std::array<char, 4096> buffer;
  auto const n = ::recv(viewer.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n == 0) viewer.reads_on = false;  // it only looks on from now
  // What is typed while the terminal is lost is lost too, as on a line without a machine; before it was there it waits.
  if (n <= 0 || (!connected() && ever_connected_)) return;
  input_.append(buffer.data(), static_cast<std::size_t>(n));
  flush_input();
}

void Terminal::flush_input() {
  bool const was_full = input_.size() >= input_max;
  while (connected() && !input_.empty()) {
    // Small messages: conmon keeps one of at most 32 KiB per connection.
    auto const n =
        ::send(upstream_.get(), input_.data(), std::min<std::size_t>(input_.size(), 4096), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n <= 0) break;  // EAGAIN: EPOLLOUT comes; anything else shows when reading
    input_.erase(0, static_cast<std::size_t>(n));
  }
  watch_upstream();
  if (was_full != (input_.size() >= input_max)) watch_all();
}

void Terminal::watch(Poller::Key key, Viewer const& viewer) {
  std::uint32_t events = 0;
  if (viewer.reads_on && input_.size() < input_max) events |= EPOLLIN;
  if (!viewer.pending.empty()) events |= EPOLLOUT;
  poller_.change(viewer.socket.get(), key, events);
}

void Terminal::watch_all() {
  for (auto const& [key, viewer] : viewers_) watch(key, viewer);
}

void Terminal::watch_upstream() {
  if (!connected()) return;
  std::uint32_t events = 0;
  if (!throttled_) events |= EPOLLIN;
  if (!input_.empty()) events |= EPOLLOUT;
  poller_.change(upstream_.get(), upstream_key_, events);
}

void Terminal::on_time(Instant now) {
  if (throttled_ && now - window_began_ >= window) {
    throttled_ = false;
    watch_upstream();
  }
  if (lost_at_ && now - *lost_at_ >= lost_grace) {
    while (!viewers_.empty()) drop(viewers_.begin());
    lost_at_.reset();
  }
}

std::optional<Instant> Terminal::due() const {
  std::optional<Instant> first;
  auto const add = [&](Instant at) { first = first ? std::min(*first, at) : at; };
  if (throttled_) add(window_began_ + window);
  if (lost_at_) add(*lost_at_ + lost_grace);
  if (!connected()) add(connect_at_);
  return first;
}

Terminal::Viewers::iterator Terminal::drop(Viewers::iterator viewer) {
  poller_.remove(viewer->second.socket.get());
  return viewers_.erase(viewer);
}

}  // namespace berth::console
