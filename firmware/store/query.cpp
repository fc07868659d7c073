#include "firmware/store/query.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstdlib>

#include "firmware/base/log.hpp"
#include "firmware/store/connection.hpp"

namespace berth::store {

Query::Query(Connection& connection, std::string_view sql) : connection_(&connection), sql_(sql) {
  auto statement = connection.borrow(sql);
  if (statement)
    statement_ = *std::move(statement);
  else
    failure_ = std::move(statement).error();
}

Query::~Query() {
  connection_->give_back(sql_, std::move(statement_));
}

Query& Query::operator<<(std::string_view text) {
  if (failure_) return *this;
  try {
    statement_->bind(++parameter_, std::string(text));
  } catch (SQLite::Exception const& e) {
    failure_ = sqlite_error(e.getExtendedErrorCode(), e.what(), "bind: " + std::string(sql_));
  }
  return *this;
}

Query& Query::operator<<(std::nullptr_t) {
  if (failure_) return *this;
  try {
    statement_->bind(++parameter_);
  } catch (SQLite::Exception const& e) {
    failure_ = sqlite_error(e.getExtendedErrorCode(), e.what(), "bind: " + std::string(sql_));
  }
  return *this;
}

Query& Query::bind_integer(std::int64_t value) {
  if (failure_) return *this;
  try {
    statement_->bind(++parameter_, value);
  } catch (SQLite::Exception const& e) {
    failure_ = sqlite_error(e.getExtendedErrorCode(), e.what(), "bind: " + std::string(sql_));
  }
  return *this;
}

Result<bool> Query::step() {
  if (failure_) return std::unexpected(*failure_);
  column_ = 0;
  int const code = statement_->tryExecuteStep();
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  int const extended = statement_->getExtendedErrorCode();
  if (connection_->mode() == Connection::Mode::write && is_fatal_for_writer(extended))
    die_of_io(statement_->getErrorMsg());
  return std::unexpected(sqlite_error(extended, statement_->getErrorMsg(), sql_));
}

Result<std::int64_t> Query::run() {
  while (TRY(step())) {
  }
  return connection_->changed_rows();
}

std::string Query::text() {
  try {
    return statement_->getColumn(column_++).getString();
  } catch (SQLite::Exception const&) {
    impossible("a text");
  }
}

std::int64_t Query::integer() {
  try {
    return statement_->getColumn(column_++).getInt64();
  } catch (SQLite::Exception const&) {
    impossible("a whole number");
  }
}

bool Query::is_null() const {
  try {
    return statement_->isColumnNull(column_);
  } catch (SQLite::Exception const&) {
    impossible("a column");
  }
}

void Query::impossible(std::string_view what) const {
  log(LogLevel::error, "store", "a row does not hold what its table promises",
      {{"expected", std::string(what)}, {"column", std::to_string(column_)}, {"query", std::string(sql_)}});
  std::abort();
}

}  // namespace berth::store
