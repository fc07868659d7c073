// Guests' terminals, shared by any number of viewers.
//
// One thread reads every guest's terminal at all times, keeps what was written last, and hands it to the viewers. It never
// waits for anybody: a viewer that does not read loses what does not fit, then its socket; a guest that floods is read at
// 2000 lines (or 256 KiB) per 100 ms, so that its own writes wait (threat 25). Nothing goes to a disk from here.
#pragma once

#include <functional>
#include <memory>

#include "drivers/contract/types.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::console {

// Connects to a guest's terminal and returns the socket. Called from the hub's thread, again whenever the connection was
// lost: it must not block (a connect() to a UNIX socket) and must not call the hub.
// A SOCK_STREAM socket carries the terminal's bytes (QEMU's serial port). A SOCK_SEQPACKET one is conmon's attach socket:
// each message to us begins with one byte that says which stream it is from, and messages from us are the bytes alone.
using Connector = std::function<Result<Descriptor>()>;

// Thread-safe; no call blocks.
class ConsoleHub {
 public:
  ConsoleHub();
  ~ConsoleHub();  // closes every viewer
  ConsoleHub(ConsoleHub const&) = delete;
  ConsoleHub& operator=(ConsoleHub const&) = delete;

  // The guest has a terminal from now on. While it is attached already, only the connector is replaced: viewers and
  // history stay. The connector may fail at first; it is tried again until detach().
  // `said_before`: where its history begins when it was not attached.
  void attach(contract::GuestId const& guest, Connector connector, std::string_view said_before = {});
  // Its viewers see the end of the stream, its history is forgotten. Absent is fine.
  void detach(contract::GuestId const& guest);
  bool attached(contract::GuestId const& guest) const;

  // One end of a stream socket: the history, then both directions. Viewers see the end of the stream when the terminal was
  // lost and did not come back within 2 s. Errors: not_found (not attached), exhausted (30 viewers of this guest).
  Result<Descriptor> open(contract::GuestId const& guest);

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace berth::console
