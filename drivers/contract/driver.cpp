#include "drivers/contract/driver.hpp"

namespace berth::contract {

std::string interface_name(GuestId const& guest) {
  return "bt" + guest.str().substr(24);
}

}  // namespace berth::contract
