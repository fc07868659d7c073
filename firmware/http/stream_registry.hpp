// The streams (WebSockets and event streams) that are open now: capped in total and per owner, closable all at once.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace berth::http {

// Thread-safe. Tickets may outlive the registry's user but not the registry.
class StreamRegistry {
 public:
  StreamRegistry(unsigned streams_max, unsigned per_owner_max)
      : streams_max_(streams_max), per_owner_max_(per_owner_max) {}

  // One stream's place; given back when it is destroyed.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (registry_ != nullptr) registry_->leave(id_);
    }

   private:
    friend class StreamRegistry;
    Ticket(StreamRegistry* registry, std::uint64_t id) : registry_(registry), id_(id) {}
    StreamRegistry* registry_;
    std::uint64_t id_;
  };

  // Or the status with which to refuse: 429 when the owner has too many, 503 when all places are taken.
  // `close` ends the stream; it is called by close_all() on any thread and must not block.
  [[nodiscard]] std::expected<Ticket, int> enter(std::string const& owner, std::function<void()> close);
  void close_all();

 private:
  struct Place {
    std::string owner;
    std::shared_ptr<std::function<void()>> close;
  };
  void leave(std::uint64_t id);

  unsigned const streams_max_;
  unsigned const per_owner_max_;
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Place> places_;
  std::map<std::string, unsigned> per_owner_;
};

}  // namespace berth::http
