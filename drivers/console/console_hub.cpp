#include "drivers/console/console_hub.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>
#include <vector>

#include "drivers/console/terminal.hpp"

namespace berth::console {

class ConsoleHub::Body {
 public:
  Body() : wake_key_(poller_.add(wake_.get(), EPOLLIN)), thread_([this](std::stop_token stop) { run(stop); }) {}
  ~Body() {
    thread_.request_stop();
    wake();
    thread_.join();
  }

  void attach(std::string const& guest, Connector connector, std::string_view said_before) {
    {
      std::lock_guard lock(mutex_);
      auto const [entry, fresh] = lines_.try_emplace(guest, poller_);
      auto& line = entry->second;
      if (fresh) line.terminal.remember(said_before);
      line.connector = std::make_shared<Connector const>(std::move(connector));
      if (!line.terminal.connected()) line.terminal.connect_now(std::chrono::steady_clock::now());
    }
    wake();
  }

  void detach(std::string const& guest) {
    std::lock_guard lock(mutex_);
    lines_.erase(guest);
  }

  bool attached(std::string const& guest) const {
    std::lock_guard lock(mutex_);
    return lines_.contains(guest);
  }

  Result<Descriptor> open(std::string const& guest) {
    std::lock_guard lock(mutex_);
    auto const found = lines_.find(guest);
    if (found == lines_.end()) return fail(ErrorCode::not_found, "no-console", "This guest has no console now.");
    return found->second.terminal.open(std::chrono::steady_clock::now());
  }

 private:
  struct Line {
    explicit Line(Poller& poller) : terminal(poller) {}
    std::shared_ptr<Connector const> connector;
    Terminal terminal;
  };
  struct Attempt {
    std::string guest;
    std::shared_ptr<Connector const> connector;
  };

  void wake() {
    std::uint64_t const one = 1;
    [[maybe_unused]] auto n = ::write(wake_.get(), &one, sizeof one);
  }

  void run(std::stop_token stop) {
    std::array<epoll_event, 64> events;
    while (!stop.stop_requested()) {
      int const count = poller_.wait(events.data(), static_cast<int>(events.size()), wait_ms());
      std::vector<Attempt> attempts;
      {
        std::lock_guard lock(mutex_);
        auto const now = std::chrono::steady_clock::now();
        for (int i = 0; i < count; ++i) dispatch(events[static_cast<std::size_t>(i)], now);
        for (auto& [guest, line] : lines_) {
          line.terminal.on_time(now);
          if (auto at = line.terminal.connect_at(); at && *at <= now) attempts.push_back({guest, line.connector});
        }
      }
      for (auto& attempt : attempts) connect(attempt);
    }
  }

  int wait_ms() const {
    std::lock_guard lock(mutex_);
    auto const now = std::chrono::steady_clock::now();
    auto wait = std::chrono::milliseconds(-1);
    for (auto const& [guest, line] : lines_) {
      auto const due = line.terminal.due();
      if (!due) continue;
      auto const left =
          std::max(std::chrono::ceil<std::chrono::milliseconds>(*due - now), std::chrono::milliseconds(0));
      wait = wait.count() < 0 ? left : std::min(wait, left);
    }
    return static_cast<int>(std::min<std::int64_t>(wait.count(), 60'000));
  }

  void dispatch(epoll_event const& event, Instant now) {
    if (event.data.u64 == wake_key_) {
      std::uint64_t count = 0;
      [[maybe_unused]] auto n = ::read(wake_.get(), &count, sizeof count);
      return;
    }
    for (auto& [guest, line] : lines_)
      if (line.terminal.owns(event.data.u64)) return line.terminal.on_event(event.data.u64, event.events, now);
  }

  // Without the lock: a connector is somebody else's code.
  void connect(Attempt const& attempt) {
    auto socket = (*attempt.connector)();
    std::lock_guard lock(mutex_);
    auto const found = lines_.find(attempt.guest);
    if (found == lines_.end() || found->second.connector != attempt.connector)
      return;  // detached or replaced meanwhile
    if (socket)
      found->second.terminal.connect_succeeded(*std::move(socket));
    else
      found->second.terminal.connect_failed(std::chrono::steady_clock::now());
  }

  Descriptor wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Poller poller_;
  Poller::Key const wake_key_;
  mutable std::mutex mutex_;
  std::map<std::string, Line> lines_;  // guarded by mutex_
  std::jthread thread_;                // last: it uses what stands above
};

ConsoleHub::ConsoleHub() : body_(std::make_unique<Body>()) {}
ConsoleHub::~ConsoleHub() = default;
void ConsoleHub::attach(contract::GuestId const& guest, Connector connector, std::string_view said_before) {
  body_->attach(guest.str(), std::move(connector), said_before);
}
void ConsoleHub::detach(contract::GuestId const& guest) {
  body_->detach(guest.str());
}
bool ConsoleHub::attached(contract::GuestId const& guest) const {
  return body_->attached(guest.str());
}
Result<Descriptor> ConsoleHub::open(contract::GuestId const& guest) {
  return body_->open(guest.str());
}

}  // namespace berth::console
