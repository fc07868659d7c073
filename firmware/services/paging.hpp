// The bounds of every list.
#pragma once

#include "firmware/base/result.hpp"
#include "firmware/store/tenant_scope.hpp"

namespace berth::services {

inline constexpr std::size_t page_limit_max = 100;

// Errors: invalid_argument ("?limit", "?cursor": not an id of that kind).
template <class I>
Result<void> check_page(store::PageWish const& page) {
  if (page.limit < 1 || page.limit > page_limit_max)
    return fail_field("?limit", {FieldRule::out_of_range, {.min = 1, .max = page_limit_max}});
  if (!page.after.empty() && !I::parse(page.after)) return fail_field("?cursor", FieldRule::bad_cursor);
  return {};
}

}  // namespace berth::services
