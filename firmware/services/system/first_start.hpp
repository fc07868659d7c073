// What a fresh installation begins with: this machine, the house, plans to sell and a pool of private addresses.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/base/clock.hpp"
#include "firmware/store/store.hpp"

namespace berth::services {

struct FirstStart {
  std::string node_name = "this machine";
  std::string tenant_name = "House";
  std::string pool_network = "10.77.0.0";
  std::uint8_t pool_prefix = 24;
  std::string pool_gateway = "10.77.0.1";
  std::uint32_t pool_reserved = 9;  // the lowest addresses, never given to servers; the gateway always is
  bool pool_nat = true;
};

// Does nothing when there is a machine already. Errors: invalid_argument (the pool's numbers).
Result<void> prepare_first_start(store::Store& store, Moment now, FirstStart const& wish);

}  // namespace berth::services
