// Brakes on guessing: how often something may be tried by one key (an address, a name) within a window.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "firmware/base/result.hpp"

namespace berth::accounts {

// Counts attempts in a sliding window. An attempt is counted before it is made, so that parallel guesses cannot slip
// through; a success takes its own count back. Lives in memory: a restart forgets, and only the operator can restart.
// Thread-safe.
class AttemptLimit {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  AttemptLimit(std::size_t attempts_max, std::chrono::seconds window) : attempts_max_(attempts_max), window_(window) {}

  // Errors: rate_limited with retry_after_s.
  Result<void> admit(std::string const& key, Steady now);
  void forgive(std::string const& key);
  void forget(std::string const& key);

 private:
  void sweep(Steady now);

  // Beyond this many keys the least recently used ones would have to be kept on disk; instead new keys share one bucket.
  static constexpr std::size_t keys_max = 20'000;

  std::size_t const attempts_max_;
  std::chrono::seconds const window_;
  std::mutex mutex_;
  Steady swept_at_{};
  std::unordered_map<std::string, std::deque<Steady>> attempts_;
};

// The key of a client address: the address itself for IPv4, its /64 for IPv6 (one customer's smallest usual network).
std::string address_key(std::string_view ip);

}  // namespace berth::accounts
