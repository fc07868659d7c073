#include "drivers/contract/types.hpp"

#include <algorithm>

namespace berth::contract {
namespace {

bool hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool label_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

}  // namespace

bool is_guest_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !hex_digit(text[i])) return false;
  }
  return true;
}

bool is_image_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && label_char(text.front()) && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return label_char(c) || c == '-' || c == '.'; });
}

bool is_mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':' : !hex_digit(text[i])) return false;
  // Second digit: bit 0 clear is unicast, bit 1 set is locally administered (IEEE 802).
  return text[1] == '2' || text[1] == '6' || text[1] == 'a' || text[1] == 'e';
}

bool is_hostname(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return label_char(c) || c == '-'; });
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, hex_digit);
}

}  // namespace berth::contract
