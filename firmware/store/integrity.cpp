#include "firmware/store/integrity.hpp"

#include "firmware/store/migrations.hpp"
#include "firmware/store/query.hpp"

namespace berth::store {

Result<void> check_integrity(Connection& connection) {
  auto damaged = [](std::string const& finding) {
    return std::unexpected(
        Error{ErrorCode::corrupt, "database-damaged", "The panel's database is damaged.", {}, finding});
  };
  Query pages(connection, "PRAGMA quick_check(1)");
  if (!TRY(pages.step())) return damaged("quick_check gave no answer");
  if (auto finding = pages.text(); finding != "ok") return damaged("quick_check: " + finding);
  Query links(connection, "PRAGMA foreign_key_check");
  if (TRY(links.step())) return damaged("foreign_key_check: a row of " + links.text() + " refers to nothing");
  return {};
}

Result<void> check_schema(Connection& connection, std::string_view committed) {
  if (TRY(schema_of(connection)) == committed) return {};
  return fail(ErrorCode::corrupt, "database-foreign-schema",
              "The database holds tables, triggers or views that this release did not make; it is not used.");
}

}  // namespace berth::store
