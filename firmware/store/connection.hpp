// One SQLite connection with its prepared statements. Belongs to one thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace berth::store {

class Connection {
 public:
  enum class Mode { write, read };
  // Errors: corrupt (not a database), io, conflict ("database-in-use").
  static Result<std::unique_ptr<Connection>> open(std::filesystem::path const& file, Mode mode);
  struct Parts;
  Connection(std::unique_ptr<Parts> parts, Mode mode);  // by open()
  ~Connection();

  // A statement that nobody runs now: a kept one of the same text, or a new one. give_back() keeps it for the next.
  Result<std::unique_ptr<SQLite::Statement>> borrow(std::string_view sql);
  void give_back(std::string_view sql, std::unique_ptr<SQLite::Statement> statement);
  // One or more statements without parameters or rows.
  Result<void> execute(std::string_view sql);
  int changed_rows() const;
  Mode mode() const { return mode_; }
  // Copies this database into a new file at `to`.
  Result<void> back_up(std::filesystem::path const& to);

 private:
  std::unique_ptr<Parts> parts_;
  Mode mode_;
};

inline constexpr std::string_view disk_full_slug = "disk-full";

// SQLite's result code as an error: full -> exhausted, constraint -> conflict, corrupt, busy -> unavailable, else io or
// internal.
Error sqlite_error(int extended_code, std::string_view message, std::string_view attempt);
// A write that failed in the file system leaves an unknown disk behind: logs and ends the process.
bool is_fatal_for_writer(int extended_code);
[[noreturn]] void die_of_io(std::string_view message);

}  // namespace berth::store
