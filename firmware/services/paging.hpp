// The bounds of every list.
#pragma once

#include "firmware/base/result.hpp"
#include "firmware/store/tenant_scope.hpp"

namespace berth::services {

inline constexpr std::size_t page_limit_max = 100;

// Errors: invalid_argument ("?limit", "?cursor": not an id of that kind).
template <class I>
Result<void> check_page(store::PageWish const& page) {
  if (page.limit < 1 || page.limit > page_limit_max) return fail_field("?limit", "must be between 1 and 100");
  if (!page.after.empty() && !I::parse(page.after)) return fail_field("?cursor", "is not a cursor of this list");
  return {};
}

}  // namespace berth::services
