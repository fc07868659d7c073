// The far side of fake consoles: one thread that hears bytes and answers them.
#pragma once

#include <poll.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::fake {

// One connection's talk. Used by the responder's thread alone.
class Session {
 public:
  virtual ~Session() = default;
  virtual std::string begin() = 0;                       // what is said first
  virtual std::string hear(std::string_view bytes) = 0;  // the answer
  virtual bool over() const { return false; }            // hang up
};

// Thread-safe.
class Responder {
 public:
  Responder();
  ~Responder();
  Responder(Responder const&) = delete;
  Responder& operator=(Responder const&) = delete;

  // The other end of a stream socket on which `session` talks until either side hangs up.
  Result<Descriptor> connect(std::unique_ptr<Session> session, std::string name);
  // Hangs up on all sessions of that name.
  void hang_up(std::string const& name);

 private:
  struct Talk {
    Descriptor socket;
    std::unique_ptr<Session> session;
    std::string out;
    std::string name;
    bool gone = false;
  };

  void run(std::stop_token stop);
  void turn(Talk& talk, short events);
  void wake();

  Descriptor wake_;
  std::mutex mutex_;
  std::vector<Talk> talks_;  // guarded by mutex_
  std::jthread thread_;      // last
};

}  // namespace berth::fake
