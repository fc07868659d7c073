#include "drivers/engine/stop_all.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

#include "firmware/base/log.hpp"

namespace berth::engine {
namespace {

constexpr std::size_t at_once = 32;

bool to_stop(contract::GuestStatus const& status) {
  using enum contract::GuestState;
  return status.state != absent && status.state != stopped && status.state != crashed;
}

}  // namespace

Result<void> stop_all(contract::Engine& engine, std::chrono::seconds timeout) {
  auto guests = TRY(engine.guests());
  std::erase_if(guests, [](auto const& status) { return !to_stop(status); });
  std::mutex mutex;
  std::size_t next = 0;
  Result<void> outcome;
  auto const work = [&] {
    while (true) {
      std::unique_lock lock(mutex);
      if (next >= guests.size()) return;
      auto const id = guests[next++].guest;
      lock.unlock();
      contract::StopGuest wish;
      auto stopped = contract::GuestId::parse(id).and_then([&](contract::GuestId guest) {
        wish.guest = std::move(guest);
        wish.timeout_s.value = std::clamp<std::int64_t>(timeout.count(), 0, wish.timeout_s.max);
        wish.force = true;
        return engine.stop_guest(wish);
      });
      if (stopped) continue;
      log(LogLevel::error, "engine", "a guest could not be stopped",
          {{"guest", id}, {"error", describe(stopped.error())}});
      lock.lock();
      if (outcome) outcome = std::unexpected(std::move(stopped).error());
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(at_once, guests.size()); ++i) threads.emplace_back(work);
  threads.clear();
  return outcome;
}

}  // namespace berth::engine
