#include "firmware/services/accounts/known_places.hpp"

namespace berth::accounts {
namespace {

std::string key_of(std::string const& name_key, std::string const& address_key) {
  return name_key + " " + address_key;
}

}  // namespace

void KnownPlaces::remember(std::string const& name_key, std::string const& address_key, Steady now) {
  std::scoped_lock lock(mutex_);
  auto key = key_of(name_key, address_key);
  if (signed_in_.size() >= places_max && !signed_in_.contains(key)) {
    std::erase_if(signed_in_, [&](auto const& place) { return now - place.second >= kept; });
    if (signed_in_.size() >= places_max) return;
  }
  signed_in_.insert_or_assign(std::move(key), now);
}

bool KnownPlaces::knows(std::string const& name_key, std::string const& address_key, Steady now) const {
  std::scoped_lock lock(mutex_);
  auto const found = signed_in_.find(key_of(name_key, address_key));
  return found != signed_in_.end() && now - found->second < kept;
}

}  // namespace berth::accounts
