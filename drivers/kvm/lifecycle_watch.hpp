// libvirt's lifecycle events of our domains: started, suspended (also by a full disk), resumed, shut down, crashed.
//
// libvirt hands events out through an event loop that belongs to the whole process, and to connections that were opened
// after it was registered. One thread turns it; another one keeps a connection that asked for the events, and makes it
// anew when libvirtd went. What happened meanwhile is not told.
#pragma once

#include <thread>

#include "drivers/contract/driver.hpp"
#include "drivers/kvm/libvirt.hpp"

namespace berth::kvm {

// Must exist before the first connection, and end before those whom it calls.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(EventLoop const&) = delete;
  EventLoop& operator=(EventLoop const&) = delete;

 private:
  int waker_ = -1;  // a timeout of libvirt's: what ends a wait
  std::jthread thread_;
};

class LifecycleWatch {
 public:
  // `libvirt` must outlive it.
  LifecycleWatch(Libvirt& libvirt, contract::ChangeListener listener);
  ~LifecycleWatch();
  LifecycleWatch(LifecycleWatch const&) = delete;
  LifecycleWatch& operator=(LifecycleWatch const&) = delete;

 private:
  void keep_listening(std::stop_token const& stop);
  // Until the other end of the socket (or -1: nothing) went, the time is over (-1: never), or this is to end.
  void wait(int socket, int timeout_ms) const;
  static void heard(virConnectPtr, virDomainPtr domain, int event, int detail, void* self);

  Libvirt& libvirt_;
  contract::ChangeListener const listener_;
  Descriptor const wake_;
  std::jthread thread_;  // last: it uses what stands above
};

}  // namespace berth::kvm
