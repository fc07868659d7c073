#include "firmware/http/utf8.hpp"

namespace berth::http {
namespace {

// Length of the sequence that `lead` begins and the bounds of its second byte; 0 when it begins none.
struct Lead {
  int length;
  unsigned char low, high;
};

Lead classify(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    auto const lead = static_cast<unsigned char>(bytes[i++]);
    if (lead < 0x80) continue;
    auto const [length, low, high] = classify(lead);
    if (length == 0 || bytes.size() - i < static_cast<std::size_t>(length - 1)) return false;
    auto const second = static_cast<unsigned char>(bytes[i++]);
    if (second < low || second > high) return false;
    for (int k = 2; k < length; ++k) {
      auto const next = static_cast<unsigned char>(bytes[i++]);
      if (next < 0x80 || next > 0xbf) return false;
    }
  }
  return true;
}

}  // namespace berth::http
