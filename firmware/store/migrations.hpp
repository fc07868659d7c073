// The steps that make a database of any earlier release one of this release.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth::store {

class Connection;

struct Migration {
  int number = 0;         // from 1, without a gap
  std::string_view name;  // "0001_first"
  std::string_view sql;
};

// What this program carries (generated from migrations/*.sql).
std::vector<Migration> embedded_migrations();
// schema.sql as committed: what replaying all migrations must give.
std::string_view committed_schema();

// Applies what is missing, each in a transaction of its own. Errors: conflict ("database-newer") when the database
// knows a migration that this program does not; corrupt ("migration-changed") when one that was applied reads
// differently today.
Result<void> migrate(Connection& writer, std::vector<Migration> const& migrations);

// The number of the last one that was applied; 0: none.
Result<int> last_migration(Connection& connection);

// The database's schema in the form of schema.sql: every object's SQL, by type and name.
Result<std::string> schema_of(Connection& connection);

}  // namespace berth::store
