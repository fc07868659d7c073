#include "firmware/base/clock.hpp"

#include <format>

namespace berth {

std::string rfc3339(Moment moment) { return std::format("{:%FT%T}Z", moment); }

}  // namespace berth
