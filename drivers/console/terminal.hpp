// One guest's terminal: the connection to it, its history and its viewers. Belongs to the hub, which holds its lock around
// every call and turns the poller. Nothing here blocks.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "drivers/console/console_hub.hpp"
#include "drivers/console/history.hpp"
#include "drivers/console/poller.hpp"

namespace berth::console {

using Instant = std::chrono::steady_clock::time_point;

class Terminal {
 public:
  explicit Terminal(Poller& poller) : poller_(poller) {}
  ~Terminal();
  Terminal(Terminal const&) = delete;
  Terminal& operator=(Terminal const&) = delete;

  // What was said before there was this object.
  void remember(std::string_view said) { history_.add(said); }
  // Errors: exhausted (viewers), io.
  Result<Descriptor> open(Instant now);

  bool connected() const { return upstream_.valid(); }
  // When the connector should be called next; absent while connected.
  std::optional<Instant> connect_at() const { return connected() ? std::nullopt : std::optional(connect_at_); }
  void connect_now(Instant now) { connect_at_ = now; }
  void connect_succeeded(Descriptor upstream);
  void connect_failed(Instant now);

  bool owns(Poller::Key key) const { return key == upstream_key_ || viewers_.contains(key); }
  void on_event(Poller::Key key, std::uint32_t events, Instant now);
  // What time alone brings about: the end of a throttle, viewers of a lost terminal.
  void on_time(Instant now);
  // When on_time() should be called at the latest.
  std::optional<Instant> due() const;

 private:
  struct Viewer {
    Descriptor socket;
    std::string pending;   // for the viewer
    Instant moved;         // when it last took something
    bool reads_on = true;  // it may still send
  };
  using Viewers = std::map<Poller::Key, Viewer>;

  void read_upstream(Instant now);
  void lose_upstream(Instant now);
  bool over_budget(std::string_view bytes, Instant now);
  void show(std::string_view bytes, Instant now);
  void send_to(Viewer& viewer, std::string_view bytes, Instant now);
  bool flush(Viewer& viewer, Instant now);
  void hear(Viewer& viewer);
  void flush_input();
  void watch(Poller::Key key, Viewer const& viewer);
  void watch_all();
  void watch_upstream();
  Viewers::iterator drop(Viewers::iterator viewer);

  Poller& poller_;
  Descriptor upstream_;
  Poller::Key upstream_key_ = 0;
  bool tagged_ = false;  // conmon's framing
  bool ever_connected_ = false;
  std::string input_;  // from viewers, not yet taken by the guest
  History history_;
  Viewers viewers_;
  Instant connect_at_{};
  std::chrono::milliseconds backoff_{0};
  std::optional<Instant> lost_at_;
  Instant window_began_{};
  std::size_t window_lines_ = 0;
  std::size_t window_bytes_ = 0;
  bool throttled_ = false;
};

}  // namespace berth::console
