#include "firmware/base/clock.hpp"

#include <cstddef>
#include <string_view>

namespace berth {
namespace {

void put(std::string& out, std::size_t at, std::size_t digits, int number) {
  for (std::size_t i = digits; i-- > 0; number /= 10) out[at + i] = static_cast<char>('0' + number % 10);
}

}  // namespace

// By hand: std::format goes through a locale and takes 50 times as long, and every list shows dozens of moments.
std::string rfc3339(Moment moment) {
  auto const day = std::chrono::floor<std::chrono::days>(moment);
  std::chrono::year_month_day const date(day);
  std::chrono::hh_mm_ss const time(moment - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  put(text, 0, 4, int{date.year()});
  put(text, 5, 2, static_cast<int>(unsigned{date.month()}));
  put(text, 8, 2, static_cast<int>(unsigned{date.day()}));
  put(text, 11, 2, static_cast<int>(time.hours().count()));
  put(text, 14, 2, static_cast<int>(time.minutes().count()));
  put(text, 17, 2, static_cast<int>(time.seconds().count()));
  put(text, 20, 3, static_cast<int>(time.subseconds().count()));
  return text;
}

}  // namespace berth
