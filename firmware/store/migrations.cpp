#include "firmware/store/migrations.hpp"

#include "firmware/base/random.hpp"
#include "firmware/store/connection.hpp"
#include "firmware/store/query.hpp"

namespace berth::store {
namespace {

constexpr std::string_view bookkeeping =
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT "
    "NULL) STRICT";

Result<void> apply(Connection& writer, Migration const& migration) {
  TRY(writer.execute("BEGIN IMMEDIATE"));
  auto work = [&]() -> Result<void> {
    TRY(writer.execute(migration.sql));
    Query insert(writer, "INSERT INTO migrations (number, name, sha256) VALUES (?, ?, ?)");
    insert << migration.number << migration.name << sha256_hex(migration.sql);
    TRY(insert.run());
    return {};
  };
  auto done = work();
  if (done) done = writer.execute("COMMIT");
  if (!done) {
    [[maybe_unused]] auto rolled_back = writer.execute("ROLLBACK");  // the first error is the one to tell
    return std::unexpected(std::move(done).error().in("migration " + std::string(migration.name)));
  }
  return {};
}

}  // namespace

Result<void> migrate(Connection& writer, std::vector<Migration> const& migrations) {
  TRY(writer.execute(bookkeeping));
  std::size_t known = 0;
  {
    Query applied(writer, "SELECT number, name, sha256 FROM migrations ORDER BY number");
    while (TRY(applied.step())) {
      auto const number = applied.integer();
      auto const name = applied.text();
      if (known >= migrations.size())
        return fail(
            ErrorCode::conflict, "database-newer",
            "The database was made by a newer release (it has the migration " + name + "); start that release.");
      auto const& ours = migrations[known++];
      if (number != ours.number || name != ours.name || applied.text() != sha256_hex(ours.sql))
        return fail(ErrorCode::corrupt, "migration-changed",
                    "The migration " + name + " is not the one this release knows.");
    }
  }
  for (; known < migrations.size(); ++known) TRY(apply(writer, migrations[known]));
  return {};
}

Result<int> last_migration(Connection& connection) {
  Query table(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'");
  if (!TRY(table.step()) || table.integer() == 0) return 0;
  Query last(connection, "SELECT coalesce(max(number), 0) FROM migrations");
  if (!TRY(last.step())) return 0;
  return static_cast<int>(last.integer());
}

Result<std::string> schema_of(Connection& connection) {
  std::string text =
      "-- What replaying migrations/ gives; compared by tests/unit/store. Regenerate: "
      "BERTH_WRITE_SCHEMA=firmware/store/schema.sql build/dev/bin/store_test --gtest_filter=Schema.*\n";
  Query objects(
      connection,
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name");
  while (TRY(objects.step())) text += "\n" + objects.text() + ";\n";
  return text;
}

}  // namespace berth::store
