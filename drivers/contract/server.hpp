// Serves an Engine and the Machine it runs on over varlink on one UNIX socket: org.berth.Engine and org.berth.Machine.
//
// One thread (the caller of run()) owns every varlink object and the event loop; calls run on bounded pools of workers, so
// one that blocks holds up no other connection. Calls on one connection are answered in their order, one at a time.
// May connect: uid 0, this process's own uid and user `berth` (SO_PEERCRED); everybody else is hung up on.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "drivers/contract/engine.hpp"
#include "drivers/contract/machine.hpp"

namespace berth::contract {

struct ServeOptions {
  std::filesystem::path socket;
  mode_t mode = 0660;
  std::string group = {};       // owning group of the socket; empty: this process's
  bool handle_signals = false;  // SIGTERM and SIGINT end run(); the caller has blocked them in every thread
  std::chrono::milliseconds drain = std::chrono::seconds{5};  // how long calls under way may take after that
};

class Server {
 public:
  // Listens; answers once run() is called. Errors: conflict (another process answers on this socket), io.
  static Result<std::unique_ptr<Server>> listen(Engine& engine, Machine& machine, ServeOptions const& options);
  ~Server();  // waits for calls under way, however long they take

  // Until stop() or a signal, then until the calls under way are answered or `drain` has passed.
  // Sends READY=1, STOPPING=1 and the watchdog's pings to the service manager when there is one.
  // Error{timed_out}: calls are still under way; a program leaves by _exit() then, since every call may be repeated.
  Result<void> run();
  // Thread-safe and async-signal-safe.
  void stop() noexcept;

  struct State;                                   // server.cpp
  explicit Server(std::unique_ptr<State> state);  // listen() makes it

 private:
  std::unique_ptr<State> state_;
};

}  // namespace berth::contract
