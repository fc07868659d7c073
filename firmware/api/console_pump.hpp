// Carries bytes between the engine's console descriptors and WebSockets: one thread for all of them, bounded buffers both
// ways. A guest that floods its console is read no faster than its viewer reads; a viewer who pastes faster than the guest
// takes it is cut off.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "firmware/base/clock.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"
#include "firmware/http/handler.hpp"

namespace berth::api {

// Private use codes of RFC 6455 section 7.4.2, and 1013 "try again later" of the IANA registry.
inline constexpr auto close_guest_stopped = static_cast<http::CloseCode>(4000);
inline constexpr auto close_right_withdrawn = static_cast<http::CloseCode>(4001);
inline constexpr auto close_bad_ticket = static_cast<http::CloseCode>(4002);
inline constexpr auto close_too_much = static_cast<http::CloseCode>(1013);

class ConsolePump {
 public:
  using LinkId = std::uint64_t;
  // Whether the viewer may still look. Asked every two seconds on the pump's thread.
  using StillAllowed = std::function<bool()>;

  // Errors: io when the kernel gives no descriptors.
  static Result<std::unique_ptr<ConsolePump>> start();
  ConsolePump(Descriptor epoll, Descriptor wake);  // for start()
  ~ConsolePump();                                  // stop()
  ConsolePump(ConsolePump const&) = delete;
  ConsolePump& operator=(ConsolePump const&) = delete;

  // Begins to carry. `console` is a connected stream socket. Errors: io, unavailable after stop().
  Result<LinkId> add(Descriptor console, http::Sender viewer, StillAllowed allowed);
  // What the viewer typed. False: too much waits already, or the link is gone.
  bool to_guest(LinkId link, std::string_view bytes);
  void remove(LinkId link);
  // Closes every link and ends the thread. Idempotent.
  void stop();

 private:
  struct Link;
  void wake();
  void run();
  bool turn();
  void from_guest(Link& link);
  void flush_to_guest(Link& link);
  void retry_stalled();
  void check_rights();
  void finish(Link& link, http::CloseCode code, std::string_view reason);
  void arm(Link& link) const;

  Descriptor epoll_;
  Descriptor wake_;
  std::mutex mutex_;  // guards links_ and what is in them
  std::unordered_map<LinkId, std::unique_ptr<Link>> links_;
  LinkId next_ = 1;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point checked_at_{};
  std::thread thread_;
};

}  // namespace berth::api
