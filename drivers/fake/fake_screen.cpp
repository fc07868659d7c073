#include "drivers/fake/fake_screen.hpp"

namespace berth::fake {
namespace {

void put(std::string& out, std::uint32_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xff);
}

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}
unsigned two_at(std::string_view bytes, std::size_t i) {
  return byte_at(bytes, i) << 8 | byte_at(bytes, i + 1);
}
unsigned four_at(std::string_view bytes, std::size_t i) {
  return two_at(bytes, i) << 16 | two_at(bytes, i + 2);
}

constexpr std::size_t cut_text_max = std::size_t{256} * 1024;

}  // namespace

std::string FakeScreen::begin() {
  return "RFB 003.008\n";
}

std::string FakeScreen::hear(std::string_view bytes) {
  heard_ += bytes;
  std::string out;
  while (stage_ != Stage::over && step(out)) {
  }
  return out;
}

bool FakeScreen::step(std::string& out) {
  switch (stage_) {
    case Stage::version:
      if (heard_.size() < 12) return false;
      stage_ = heard_.starts_with("RFB 003.008\n") ? Stage::security : Stage::over;
      heard_.erase(0, 12);
      out += std::string("\x01\x01", 2);  // one security type: None
      return true;
    case Stage::security:
      if (heard_.empty()) return false;
      stage_ = heard_.front() == 1 ? Stage::client_init : Stage::over;
      heard_.erase(0, 1);
      put(out, 0, 4);  // SecurityResult: OK
      return true;
    case Stage::client_init:
      if (heard_.empty()) return false;
      heard_.erase(0, 1);
      put(out, width, 2);
      put(out, height, 2);
      // PIXEL_FORMAT: 32 bits, depth 24, little-endian, true colour, maxima 255, shifts 16 8 0, three bytes of padding
      out += std::string("\x20\x18\x00\x01\x00\xff\x00\xff\x00\xff\x10\x08\x00\x00\x00\x00", 16);
      put(out, static_cast<std::uint32_t>(name_.size()), 4);
      out += name_;
      stage_ = Stage::messages;
      return true;
    case Stage::messages:
      return take_message(out);
    case Stage::over:
      break;
  }
  return false;
}

bool FakeScreen::take_message(std::string& out) {
  if (heard_.empty()) return false;
  auto const type = byte_at(heard_, 0);
  std::size_t size = 0;
  switch (type) {
    case 0:
      size = 20;
      break;  // SetPixelFormat
    case 2:
      size = heard_.size() < 4 ? 4 : 4 + 4 * two_at(heard_, 2);
      break;  // SetEncodings
    case 3:
      size = 10;
      break;  // FramebufferUpdateRequest
    case 4:
      size = 8;
      break;  // KeyEvent
    case 5:
      size = 6;
      break;  // PointerEvent
    case 6:
      size = heard_.size() < 8 ? 8 : 8 + std::size_t{four_at(heard_, 4)};
      break;  // ClientCutText
    default:
      stage_ = Stage::over;
      return false;
  }
  if (size > cut_text_max) {
    stage_ = Stage::over;
    return false;
  }
  if (heard_.size() < size) return false;
  bool changed = false;
  if (type == 0) set_pixel_format(heard_);
  if (type == 3 && byte_at(heard_, 1) == 0) out += picture();
  if (type == 3 && byte_at(heard_, 1) != 0) update_wanted_ = true;
  if (type == 4 && byte_at(heard_, 1) == 1) ++keys_, changed = true;
  if (changed && update_wanted_) {
    update_wanted_ = false;
    out += picture();
  }
  heard_.erase(0, size);
  return true;
}

void FakeScreen::set_pixel_format(std::string_view message) {
  auto const bits = byte_at(message, 4);
  if ((bits != 8 && bits != 16 && bits != 32) || byte_at(message, 7) == 0) {
    stage_ = Stage::over;  // colour maps are not spoken here
    return;
  }
  format_.bytes = bits / 8;
  format_.big_endian = byte_at(message, 6) != 0;
  format_.red = {two_at(message, 8), byte_at(message, 14) % 32};
  format_.green = {two_at(message, 10), byte_at(message, 15) % 32};
  format_.blue = {two_at(message, 12), byte_at(message, 16) % 32};
}

// FramebufferUpdate with one rectangle, the whole screen, in Raw encoding.
std::string FakeScreen::picture() const {
  std::string out("\0\0", 2);
  put(out, 1, 2);
  put(out, 0, 4);
  put(out, width, 2);
  put(out, height, 2);
  put(out, 0, 4);
  out.reserve(out.size() + std::size_t{width} * height * format_.bytes);
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x) put_pixel(out, x, y);
  return out;
}

void FakeScreen::put_pixel(std::string& out, unsigned x, unsigned y) const {
  unsigned red = 20 + x * 60 / width;
  unsigned green = 40 + y * 80 / height;
  unsigned blue = 90 + x * 90 / width;
  bool const bar = y >= height - 24 && y < height - 8 && x >= 16 && x < 16 + (keys_ * 8) % (width - 32) + 8;
  if (bar) red = green = blue = 255;
  auto const scaled = [](unsigned value, Channel channel) { return value * channel.max / 255 << channel.shift; };
  std::uint32_t const pixel = scaled(red, format_.red) | scaled(green, format_.green) | scaled(blue, format_.blue);
  for (unsigned i = 0; i < format_.bytes; ++i) {
    auto const place = format_.big_endian ? format_.bytes - 1 - i : i;
    out += static_cast<char>(pixel >> (8 * place) & 0xff);
  }
}

}  // namespace berth::fake
