#include "drivers/kvm/lifecycle_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "drivers/kvm/domain_status.hpp"
#include "firmware/base/log.hpp"

namespace berth::kvm {
namespace {

constexpr int try_again_after_ms = 2000;

void nothing(int /*timer*/, void* /*unused*/) {}

bool register_loop() {
  return virEventRegisterDefaultImpl() == 0;
}

}  // namespace

EventLoop::EventLoop() {
  static bool const registered = register_loop();
  if (!registered) {
    log(LogLevel::error, "kvm", "libvirt's event loop could not be made; VMs that end are noticed late");
    return;
  }
  waker_ = virEventAddTimeout(-1, nothing, nullptr, nullptr);
  thread_ = std::jthread([](std::stop_token const& stop) {
    while (!stop.stop_requested())
      if (virEventRunDefaultImpl() != 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
}

EventLoop::~EventLoop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  virEventUpdateTimeout(waker_, 0);
  thread_.join();
  virEventRemoveTimeout(waker_);
}

LifecycleWatch::LifecycleWatch(Libvirt& libvirt, contract::ChangeListener listener)
    : libvirt_(libvirt),
      listener_(std::move(listener)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](std::stop_token const& stop) { keep_listening(stop); }) {}

LifecycleWatch::~LifecycleWatch() {
  thread_.request_stop();
  std::uint64_t const one = 1;
  [[maybe_unused]] auto n = ::write(wake_.get(), &one, sizeof one);
}  // the thread is joined

void LifecycleWatch::keep_listening(std::stop_token const& stop) {
  bool told = false;
  while (!stop.stop_requested()) {
    int subscription = -1;
    auto line = libvirt_.hold(brief, [&](virConnectPtr connection) -> Result<void> {
      subscription = virConnectDomainEventRegisterAny(connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                      VIR_DOMAIN_EVENT_CALLBACK(heard), this, nullptr);
      if (subscription < 0) return libvirt_error("tell what happens to guests");
      return {};
    });
    if (line) {
      told = false;
      wait(line->socket.get(), -1);
      // Nobody is waited for: a libvirtd that hangs would not answer the good-bye.
      ::shutdown(line->socket.get(), SHUT_RDWR);
      virConnectDomainEventDeregisterAny(line->connection.get(), subscription);
    } else if (!std::exchange(told, true)) {
      log(LogLevel::warning, "kvm", "libvirt tells of no changes: VMs that end are noticed late",
          {{"reason", describe(line.error())}});
    }
    wait(-1, try_again_after_ms);
  }
}

void LifecycleWatch::wait(int socket, int timeout_ms) const {
  std::array<pollfd, 2> watched{{{wake_.get(), POLLIN, 0}, {socket, POLLRDHUP, 0}}};
  ::poll(watched.data(), watched.size(), timeout_ms);
}

// In the event loop's thread.
void LifecycleWatch::heard(virConnectPtr, virDomainPtr domain, int /*event*/, int /*detail*/, void* self) {
  auto const id = guest_of(domain);
  if (!id) return;
  if (auto const guest = contract::GuestId::parse(*id)) static_cast<LifecycleWatch*>(self)->listener_(*guest);
}

}  // namespace berth::kvm
