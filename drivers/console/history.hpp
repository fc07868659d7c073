// What a terminal wrote last: at most 64 KiB, whole lines where there are any.
#pragma once

#include <string>
#include <string_view>

namespace berth::console {

class History {
 public:
  static constexpr std::size_t bytes_max = std::size_t{64} * 1024;

  void add(std::string_view bytes) {
    if (bytes.size() > bytes_max) bytes.remove_prefix(bytes.size() - bytes_max);
    text_ += bytes;
    if (text_.size() <= bytes_max + slack) return;  // cut in large steps: erasing moves what stays
    text_.erase(0, text_.size() - bytes_max);
    cut_ = true;
  }
  void clear() { text_.clear(), cut_ = false; }

  // From a line's beginning when the oldest part is gone: half an escape sequence or half a character would show as rubbish.
  std::string_view recent() const {
    std::string_view all = text_;
    if (all.size() > bytes_max) all.remove_prefix(all.size() - bytes_max);
    if (!cut_ && all.size() == text_.size()) return all;
    auto const line = all.find('\n');
    return line == std::string_view::npos ? all : all.substr(line + 1);
  }

 private:
  static constexpr std::size_t slack = bytes_max / 2;
  std::string text_;
  bool cut_ = false;
};

}  // namespace berth::console
