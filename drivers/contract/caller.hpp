// One call at a time on a connection of its own, from a small pool: what EngineClient and MachineClient have in common.
//
// Thread-safe (a varlink connection belongs to one thread at a time). Nothing is connected before the first call, and a lost
// connection is made again, so that the engine may restart under its callers; a call that was under way then is sent once
// more, since every call is idempotent.
// No call hangs: beyond its deadline (engine stopped, hung or overloaded) it is Error{unavailable, "engine-timeout"};
// nobody on the socket is Error{unavailable, "engine-down"}.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/json_reply.hpp"

namespace berth::contract {

class Caller {
 public:
  explicit Caller(std::filesystem::path socket);
  ~Caller();
  Caller(Caller const&) = delete;
  Caller& operator=(Caller const&) = delete;

  // `send` travels beside the call; `received` gets the descriptor that must come beside the answer.
  template <class Reply, class Wish>
  Result<Reply> call(char const* method, Wish const& wish, std::chrono::milliseconds deadline,
                     Descriptor const* send = nullptr, Descriptor* received = nullptr) {
    auto answer = exchange({method, to_json(wish), deadline, send, received});
    if (!answer) return std::unexpected(std::move(answer).error().in(method));
    return from_reply<Reply>(*answer);
  }

  // A method that goes on replying ("more"), on a connection of its own: `heard` gets each reply, on this thread, until
  // `stop` (success) or until it fails. Errors: unavailable (the engine went), and those of the method and of `heard`.
  Result<void> follow(char const* method, std::stop_token const& stop,
                      std::function<Result<void>(json::value const&)> const& heard);

 private:
  class Pool;
  struct Exchange {
    char const* method;
    json::value parameters;
    std::chrono::milliseconds deadline;
    Descriptor const* send;
    Descriptor* received;
  };

  Result<json::value> exchange(Exchange const& exchange);

  std::filesystem::path const socket_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace berth::contract
