#include "firmware/reconcilers/guest_watch.hpp"

#include "firmware/base/log.hpp"
#include "firmware/services/compute/guest_observation.hpp"

namespace berth::reconcilers {
namespace {

constexpr std::chrono::seconds try_again_after{1};

}  // namespace

GuestWatch::GuestWatch(store::Store& store, Clock const& clock, services::Settings const& settings,
                       contract::Engine& engine, std::function<void()> look_at_all)
    : store_(store), clock_(clock), settings_(settings), engine_(engine), look_at_all_(std::move(look_at_all)) {}

GuestWatch::~GuestWatch() {
  stop();
}

void GuestWatch::start() {
  thread_ = std::jthread([this](std::stop_token const& stop) { listen(stop); });
}

void GuestWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void GuestWatch::listen(std::stop_token const& stop) {
  while (!stop.stop_requested()) {
    // That the engine is away is told by observe-guests.
    [[maybe_unused]] auto const ended = engine_.monitor(stop, [&](contract::GuestNews const& guest) {
      if (!guest) return look_at_all_();
      if (auto const looked = look_at(*guest); !looked)
        log(LogLevel::notice, "reconcilers", "a guest that changed is looked at later",
            {{"guest", guest->str()}, {"reason", describe(looked.error())}});
    });
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, try_again_after, [] { return false; });
  }
}

Result<void> GuestWatch::look_at(contract::GuestId const& guest) {
  services::Call call(store_, access::Actor::reconciler("observe-guests"), clock_.now(), settings_);
  auto const system = TRY(access::grant_system(call, access::Permission::system_manage));
  return compute::record_guest(call, system, TRY(engine_.guest(guest)));
}

}  // namespace berth::reconcilers
