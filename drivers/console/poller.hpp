// epoll with names instead of pointers: an event of something that has gone meanwhile finds nobody.
#pragma once

#include <sys/epoll.h>

#include <cstdint>

#include "firmware/base/descriptor.hpp"

namespace berth::console {

// Not thread-safe, but for wait().
class Poller {
 public:
  using Key = std::uint64_t;  // 0 is nobody

  Key add(int fd, std::uint32_t events) {
    Key const key = ++last_;
    control(EPOLL_CTL_ADD, fd, events, key);
    return key;
  }
  void change(int fd, Key key, std::uint32_t events) { control(EPOLL_CTL_MOD, fd, events, key); }
  void remove(int fd) { control(EPOLL_CTL_DEL, fd, 0, 0); }
  int wait(epoll_event* events, int count, int timeout_ms) {
    return ::epoll_wait(epoll_.get(), events, count, timeout_ms);
  }

 private:
  void control(int act, int fd, std::uint32_t events, Key key) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = key;
    ::epoll_ctl(epoll_.get(), act, fd, &event);
  }

  Descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  Key last_ = 0;
};

}  // namespace berth::console
