// From which addresses each person has signed in of late: there a name's brake, which strangers can draw, does not hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace berth::accounts {

// Keys as in AttemptLimit. In memory; a restart forgets. Thread-safe.
class KnownPlaces {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  void remember(std::string const& name_key, std::string const& address_key, Steady now);
  bool knows(std::string const& name_key, std::string const& address_key, Steady now) const;

 private:
  static constexpr std::chrono::days kept{30};
  static constexpr std::size_t places_max = 10'000;  // beyond: no new ones until old ones have gone

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Steady> signed_in_;
};

}  // namespace berth::accounts
