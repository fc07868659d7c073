#include <array>
#include <cerrno>
#include <memory>

#include "firmware/api/encode.hpp"

namespace berth::api {

std::function<void(http::StreamWriter&)> Encode<Download>::sender_of(Descriptor file) {
  // A std::function is copied: the file is shared.
  return [file = std::make_shared<Descriptor>(std::move(file))](http::StreamWriter& writer) {
    std::array<char, 65536> piece;
    off_t at = 0;
    for (;;) {
      auto const n = ::pread(file->get(), piece.data(), piece.size(), at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0 || !writer.write({piece.data(), static_cast<std::size_t>(n)})) return;
      at += n;
    }
  };
}

}  // namespace berth::api
