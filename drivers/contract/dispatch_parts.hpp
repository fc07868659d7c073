// What the rows of both interfaces are made of: parameters in, checked; replies out.
#pragma once

#include "drivers/contract/checks.hpp"
#include "drivers/contract/dispatch.hpp"
#include "drivers/contract/machine_checks.hpp"
#include "drivers/contract/wire.hpp"

namespace berth::contract::dispatching {

using Reply = Result<DispatchReply>;

inline constexpr bool reads = false;
inline constexpr bool acts = true;

// What the bounds of a call's parameters leave open.
template <class Wish>
Result<void> look_at(Wish const& wish) {
  if constexpr (requires { check(wish); })
    return check(wish);
  else if constexpr (requires {
                       wish.nic;
                       wish.guest;
                     }) {
    TRY(check(wish.guest));
    return check(wish.nic);
  } else if constexpr (requires { wish.guest; })
    return check(wish.guest);
  else if constexpr (requires { wish.image; })
    return check_image_name(wish.image);
  else if constexpr (std::is_same_v<Wish, wire::OfHostname>)
    return check_machine_name(wish.name);
  else if constexpr (std::is_same_v<Wish, wire::OfFoundUpdate>)
    return check_found_update_id(wish.id);
  else {
    static_assert(std::is_same_v<Wish, wire::Nothing> || std::is_same_v<Wish, wire::OfSlot> ||
                      std::is_same_v<Wish, wire::OfPower>,
                  "a call's parameters are checked");
    return {};
  }
}

template <class Wish>
Result<Wish> decode(json::value const& parameters) {
  auto wish = TRY(from_json<Wish>(parameters));
  TRY(look_at(wish));
  return wish;
}

template <class Shape>
Reply answer(Shape const& shape) {
  return DispatchReply{to_json(shape)};
}

inline Reply done(Result<void> result) {
  TRY(std::move(result));
  return DispatchReply{};
}

}  // namespace berth::contract::dispatching
