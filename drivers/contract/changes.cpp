#include "drivers/contract/changes.hpp"

#include <utility>

namespace berth::contract {

void Changes::tell(GuestId const& guest) {
  {
    std::lock_guard lock(mutex_);
    for (auto* listener : listeners_) listener->pending.insert(guest.str());
  }
  told_.notify_all();
}

Result<void> Changes::monitor(std::stop_token const& stop, GuestNewsListener const& heard) {
  Listener mine;
  {
    std::lock_guard lock(mutex_);
    listeners_.insert(&mine);
  }
  struct Leave {
    Changes& changes;
    Listener& listener;
    ~Leave() {
      std::lock_guard lock(changes.mutex_);
      changes.listeners_.erase(&listener);
    }
  } const leave{*this, mine};
  heard(std::nullopt);
  while (true) {
    std::unique_lock lock(mutex_);
    if (!told_.wait(lock, stop, [&] { return !mine.pending.empty(); }) || stop.stop_requested()) return {};
    auto const news = std::exchange(mine.pending, {});
    lock.unlock();
    for (auto const& guest : news)
      if (auto id = GuestId::parse(guest)) heard(*id);
  }
}

}  // namespace berth::contract
