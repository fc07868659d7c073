// What guards the ways in: password hashing and the brakes on guessing. In memory, shared by all requests. Thread-safe.
#pragma once

#include <chrono>

#include "firmware/base/clock.hpp"
#include "firmware/services/accounts/attempt_limits.hpp"
#include "firmware/services/accounts/passwords.hpp"

namespace berth::accounts {

struct Doorkeeper {
  explicit Doorkeeper(Clock const& clock) : clock(clock) {}

  Clock const& clock;
  PasswordHasher hasher;
  AttemptLimit sign_ins_by_address{5, std::chrono::minutes{15}};
  // From wherever they come. Wider, so that a stranger with one address cannot lock a person out.
  AttemptLimit sign_ins_by_name{20, std::chrono::minutes{15}};
  AttemptLimit set_ups_by_address{10, std::chrono::minutes{15}};
  AttemptLimit password_checks_by_user{10, std::chrono::minutes{15}};
};

}  // namespace berth::accounts
