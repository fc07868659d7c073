#include "firmware/http/stream_registry.hpp"

#include <vector>

namespace berth::http {

std::expected<StreamRegistry::Ticket, int> StreamRegistry::enter(std::string const& owner,
                                                                 std::function<void()> close) {
  std::lock_guard const lock(mutex_);
  if (places_.size() >= streams_max_) return std::unexpected(503);
  auto& count = per_owner_[owner];
  if (count >= per_owner_max_) return std::unexpected(429);
  ++count;
  auto const id = next_id_++;
  places_.emplace(id, Place{owner, std::make_shared<std::function<void()>>(std::move(close))});
  return Ticket(this, id);
}

void StreamRegistry::leave(std::uint64_t id) {
  std::lock_guard const lock(mutex_);
  auto const place = places_.find(id);
  if (place == places_.end()) return;
  auto const owner = per_owner_.find(place->second.owner);
  if (--owner->second == 0) per_owner_.erase(owner);
  places_.erase(place);
}

void StreamRegistry::close_all() {
  std::vector<std::shared_ptr<std::function<void()>>> all;
  {
    std::lock_guard const lock(mutex_);
    for (auto const& [id, place] : places_) all.push_back(place.close);
  }
  for (auto const& close : all) (*close)();
}

}  // namespace berth::http
