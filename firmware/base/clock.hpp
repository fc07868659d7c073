// Time comes in through a Clock, so that tests can hold and turn it.
#pragma once

#include <chrono>
#include <string>

namespace berth {

// Milliseconds since the UNIX epoch, UTC: how every moment is stored.
using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_ms(Moment moment) {
  return moment.time_since_epoch().count();
}
inline Moment from_ms(std::int64_t ms) {
  return Moment{std::chrono::milliseconds{ms}};
}
// RFC 3339, UTC, milliseconds: "2026-11-20T08:50:36.123Z". For the years 0 to 9999, which are all that RFC 3339 knows.
std::string rfc3339(Moment moment);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;                                    // wall clock; may jump
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // never goes back
};

class SystemClock final : public Clock {
 public:
  Moment now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace berth
