// The writing end of a streamed response on its worker thread, and the handle that ends it from elsewhere.
#pragma once

#include <chrono>
#include <memory>

#include "firmware/base/descriptor.hpp"
#include "firmware/http/message.hpp"

struct mg_connection;

namespace berth::http {

class EventStream final : public StreamWriter {
 public:
  EventStream(mg_connection* connection, std::chrono::milliseconds write_deadline);

  [[nodiscard]] bool write(std::string_view bytes) override;
  [[nodiscard]] bool open() override;
  [[nodiscard]] std::stop_token stopping() override;
  [[nodiscard]] StreamCloser closer() override;

 private:
  // Shared with closers, which may outlive the stream.
  struct Shared {
    Descriptor wake;  // readable for ever once the stream was closed
    std::stop_source stop;
  };
  [[nodiscard]] bool wait_for_room(std::chrono::steady_clock::time_point deadline) const;

  mg_connection* connection_;
  std::chrono::milliseconds const write_deadline_;
  std::shared_ptr<Shared> shared_;
  bool broken_ = false;
};

}  // namespace berth::http
