// What guards the ways in: password hashing and the brakes on guessing. In memory, shared by all requests. Thread-safe.
#pragma once

#include <chrono>

#include "firmware/base/clock.hpp"
#include "firmware/services/accounts/attempt_limits.hpp"
#include "firmware/services/accounts/known_places.hpp"
#include "firmware/services/accounts/passwords.hpp"

namespace berth::accounts {

struct Doorkeeper {
  explicit Doorkeeper(Clock const& clock) : clock(clock) {}

  Clock const& clock;
  PasswordHasher hasher;
  AttemptLimit sign_ins_by_address{5, std::chrono::minutes{15}};
  // From wherever they come but the places known of that person, whom strangers with many addresses shall not lock out.
  AttemptLimit sign_ins_by_name{20, std::chrono::minutes{15}};
  KnownPlaces known_places;
  AttemptLimit set_ups_by_address{10, std::chrono::minutes{15}};
  AttemptLimit password_checks_by_user{10, std::chrono::minutes{15}};
};

}  // namespace berth::accounts
