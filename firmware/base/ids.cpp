#include "firmware/base/ids.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>

#include "firmware/base/random.hpp"

namespace berth {
namespace {

// RFC 9562 section 6.2, method 1: a 12-bit counter in rand_a keeps ids of one millisecond in order.
struct Sequence {
  std::mutex mutex;
  std::uint64_t last_ms = 0;
  std::uint16_t counter = 0;
};

Sequence& sequence() {
  static Sequence instance;  // process-wide by nature: ids of one process must not repeat
  return instance;
}

}  // namespace

std::string new_uuid_v7() {
  auto now_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  std::uint16_t counter = 0;
  {
    auto& state = sequence();
    std::scoped_lock lock(state.mutex);
    if (now_ms > state.last_ms) {
      state.last_ms = now_ms;
      state.counter = 0;
    } else if (++state.counter > 0x0fff) {
      ++state.last_ms;
      state.counter = 0;
    }
    now_ms = state.last_ms;
    counter = state.counter;
  }
  std::array<unsigned char, 16> bytes{};
  fill_random(bytes);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now_ms >> (8 * (5 - i)));
  bytes[6] = static_cast<unsigned char>(0x70 | (counter >> 8));
  bytes[7] = static_cast<unsigned char>(counter & 0xff);
  bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3f));
  return hex(bytes);
}

bool is_uuid_hex(std::string_view text) {
  return text.size() == 32 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string dashed_uuid(std::string_view h) {
  std::string out;
  for (auto [from, count] : {std::pair{0, 8}, {8, 4}, {12, 4}, {16, 4}, {20, 12}}) {
    if (!out.empty()) out += '-';
    out += h.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count));
  }
  return out;
}

}  // namespace berth
