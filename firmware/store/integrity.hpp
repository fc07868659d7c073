// Is this file our database, whole and unchanged by others?
#pragma once

#include <string_view>

#include "firmware/base/result.hpp"
#include "firmware/store/connection.hpp"

namespace berth::store {

// quick_check and foreign_key_check. Errors: corrupt ("database-damaged") with the first finding.
Result<void> check_integrity(Connection& connection);
// The schema is exactly this one: nothing was added that could act. Errors: corrupt
// ("database-foreign-schema").
Result<void> check_schema(Connection& connection, std::string_view committed);

}  // namespace berth::store
