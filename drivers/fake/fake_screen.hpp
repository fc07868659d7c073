// What a fake VM shows by VNC: the server's side of RFB 3.8 (RFC 6143) with a small picture. Each key that is pressed moves
// the white bar, so that a viewer sees that its keys arrive.
#pragma once

#include <cstdint>

#include "drivers/fake/responder.hpp"

namespace berth::fake {

class FakeScreen final : public Session {
 public:
  static constexpr unsigned width = 320;
  static constexpr unsigned height = 200;

  explicit FakeScreen(std::string name) : name_(std::move(name)) {}
  std::string begin() override;
  std::string hear(std::string_view bytes) override;
  bool over() const override { return stage_ == Stage::over; }

 private:
  enum class Stage { version, security, client_init, messages, over };
  struct Channel {
    unsigned max;
    unsigned shift;
  };
  struct PixelFormat {  // as said in ServerInit, until the client asks for another
    unsigned bytes = 4;
    bool big_endian = false;
    Channel red{255, 16}, green{255, 8}, blue{255, 0};
  };

  // Takes one message from the front of heard_; false when it is not all there yet.
  bool step(std::string& out);
  bool take_message(std::string& out);
  void set_pixel_format(std::string_view message);
  std::string picture() const;
  void put_pixel(std::string& out, unsigned x, unsigned y) const;

  std::string const name_;
  Stage stage_ = Stage::version;
  std::string heard_;
  PixelFormat format_;
  unsigned keys_ = 0;
  bool update_wanted_ = false;  // an incremental request waits for a change
};

}  // namespace berth::fake
