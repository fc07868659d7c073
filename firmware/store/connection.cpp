#include "firmware/store/connection.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "firmware/base/log.hpp"

namespace berth::store {
namespace {

constexpr int busy_timeout_ms = 5000;

// Switches that keep a crafted file from running anything: no triggers, views or schema functions, no writes to the
// schema or shadow tables (https://www.sqlite.org/security.html).
void harden(sqlite3* handle) {
  for (int option : {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY})
    sqlite3_db_config(handle, option, 1, nullptr);
  for (int option : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_WRITABLE_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                     SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_DQS_DML,
                     SQLITE_DBCONFIG_DQS_DDL})
    sqlite3_db_config(handle, option, 0, nullptr);
}

}  // namespace

struct Connection::Parts {
  explicit Parts(std::filesystem::path const& file, int flags) : database(file.string(), flags, busy_timeout_ms) {}
  SQLite::Database database;
  std::map<std::string, std::vector<std::unique_ptr<SQLite::Statement>>, std::less<>> idle;
};

Connection::Connection(std::unique_ptr<Parts> parts, Mode mode) : parts_(std::move(parts)), mode_(mode) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(std::filesystem::path const& file, Mode mode) {
  try {
    int const flags = SQLite::OPEN_NOMUTEX |
                      (mode == Mode::write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY);
    auto connection = std::make_unique<Connection>(std::make_unique<Parts>(file, flags), mode);
    auto* handle = connection->parts_->database.getHandle();
    sqlite3_extended_result_codes(handle, 1);
    harden(handle);
    TRY(connection->execute(
        "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0"));
    TRY(connection->execute(
        mode == Mode::write
            ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864"
            : "PRAGMA query_only = ON; PRAGMA cache_size = -512"));
    return connection;
  } catch (SQLite::Exception const& e) {
    return std::unexpected(sqlite_error(e.getExtendedErrorCode(), e.what(), "open " + file.string()));
  }
}

Result<std::unique_ptr<SQLite::Statement>> Connection::borrow(std::string_view sql) {
  if (auto found = parts_->idle.find(sql); found != parts_->idle.end() && !found->second.empty()) {
    auto statement = std::move(found->second.back());
    found->second.pop_back();
    return statement;
  }
  try {
    return std::make_unique<SQLite::Statement>(parts_->database, std::string(sql));
  } catch (SQLite::Exception const& e) {
    return std::unexpected(sqlite_error(e.getExtendedErrorCode(), e.what(), "prepare: " + std::string(sql)));
  }
}

void Connection::give_back(std::string_view sql, std::unique_ptr<SQLite::Statement> statement) {
  if (!statement) return;
  // The result of a reset repeats the error of the last step, which its caller has seen.
  statement->tryReset();
  auto found = parts_->idle.find(sql);
  if (found == parts_->idle.end()) found = parts_->idle.emplace(std::string(sql), 0).first;
  found->second.push_back(std::move(statement));
}

Result<void> Connection::execute(std::string_view sql) {
  int const code = parts_->database.tryExec(std::string(sql));
  if (code == SQLITE_OK) return {};
  int const extended = parts_->database.getExtendedErrorCode();
  if (mode_ == Mode::write && is_fatal_for_writer(extended)) die_of_io(parts_->database.getErrorMsg());
  return std::unexpected(sqlite_error(extended, parts_->database.getErrorMsg(), std::string(sql.substr(0, 60))));
}

int Connection::changed_rows() const {
  return parts_->database.getChanges();
}

Result<void> Connection::back_up(std::filesystem::path const& to) {
  try {
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
    SQLite::Backup backup(target, parts_->database);
    // A lock on either side ends it early without an exception.
    if (int const code = backup.executeStep(-1); code != SQLITE_DONE)
      return std::unexpected(sqlite_error(code, "the copy is not whole", "copy the database to " + to.string()));
    // A copy that needs no companion files: the WAL mode comes back when it is opened as the panel's database.
    target.exec("PRAGMA journal_mode = DELETE");
    return {};
  } catch (SQLite::Exception const& e) {
    return std::unexpected(sqlite_error(e.getExtendedErrorCode(), e.what(), "copy the database to " + to.string()));
  }
}

Error sqlite_error(int extended_code, std::string_view message, std::string_view attempt) {
  auto make = [&](ErrorCode code, std::string slug, std::string sentence) {
    return Error{code, std::move(slug), std::move(sentence), {}, std::string(attempt) + ": " + std::string(message)};
  };
  if (extended_code == SQLITE_IOERR_SHMSIZE)
    return make(ErrorCode::exhausted, std::string(disk_full_slug), "The disk that holds the panel's database is full.");
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
      return make(ErrorCode::exhausted, std::string(disk_full_slug),
                  "The disk that holds the panel's database is full.");
    case SQLITE_CONSTRAINT:
      return make(ErrorCode::conflict, "constraint-broken", "That contradicts something that is already there.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make(ErrorCode::corrupt, "database-damaged", "The panel's database is damaged.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make(ErrorCode::unavailable, "database-busy", "The panel's database is busy; try again.");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_IOERR:
      return make(ErrorCode::io, "database-io", "The panel's database cannot be read or written.");
    default:
      return make(ErrorCode::internal, "database-error", "The panel's database refused a statement.");
  }
}

bool is_fatal_for_writer(int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_CLOSE:
      return true;
    default:
      return false;
  }
}

void die_of_io(std::string_view message) {
  log(LogLevel::error, "store", "writing the database failed; ending, because what is on the disk is unknown now",
      {{"reason", std::string(message)}});
  std::abort();
}

}  // namespace berth::store
