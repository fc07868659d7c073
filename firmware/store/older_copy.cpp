#include "firmware/store/older_copy.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <format>
#include <optional>

#include "firmware/base/log.hpp"
#include "firmware/store/database_files.hpp"
#include "firmware/store/integrity.hpp"

namespace berth::store {
namespace {

namespace fs = std::filesystem;

struct OlderCopy {
  fs::path path;
  int schema = 0;  // its last migration
  int made_for = 0;
  fs::file_time_type written;
};

std::optional<int> number_after(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  int number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Newest first.
std::vector<OlderCopy> copies_of(fs::path const& file) {
  std::vector<OlderCopy> found;
  std::error_code failed;
  auto const folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  for (auto const& entry : fs::directory_iterator(folder, failed)) {
    auto const name = entry.path().filename().string();
    std::string_view rest = name;
    auto const schema = number_after(rest, file.filename().string() + ".schema-");
    auto const made_for = schema ? number_after(rest, ".for-") : std::nullopt;
    if (!made_for || !rest.empty() || !entry.is_regular_file(failed)) continue;
    found.push_back({entry.path(), *schema, *made_for, entry.last_write_time(failed)});
  }
  std::ranges::sort(found, std::ranges::greater{}, &OlderCopy::written);
  return found;
}

int last_of(std::vector<Migration> const& migrations) {
  return migrations.empty() ? 0 : migrations.back().number;
}

}  // namespace

Result<void> keep_older_copy(Connection& writer, fs::path const& file, std::vector<Migration> const& ours) {
  auto const there = TRY(last_migration(writer));
  if (there == 0 || there >= last_of(ours)) return {};
  auto copies = copies_of(file);
  bool const halfway = std::ranges::any_of(
      copies, [&](auto const& copy) { return copy.made_for == last_of(ours) && copy.schema < there; });
  if (halfway) return {};
  auto const to = std::format("{}.schema-{}.for-{}", file.string(), there, last_of(ours));
  TRY(copy_durably(writer, to));
  log(LogLevel::notice, "store", "the database is kept as it is for the release before this one", {{"copy", to}});
  std::erase_if(copies, [&](auto const& copy) { return copy.path == to; });
  std::error_code ignored;
  for (std::size_t i = older_copies_kept - 1; i < copies.size(); ++i) fs::remove(copies[i].path, ignored);
  return {};
}

Result<void> put_older_copy_in_place(fs::path const& file, std::vector<Migration> const& ours, Moment now) {
  auto const copies = copies_of(file);
  auto const copy = std::ranges::find(copies, last_of(ours), &OlderCopy::schema);
  if (copy == copies.end())
    return fail(ErrorCode::not_found, "no-older-copy", "There is no copy of the database for this release.");
  fs::path const temporary = file.string() + ".going-back";
  {
    auto from = TRY(Connection::open(copy->path, Connection::Mode::read));
    TRY(check_integrity(*from));
    TRY(copy_durably(*from, temporary));
  }
  // All of the newer one goes into its file first: a WAL beside another database would be replayed into it.
  {
    auto newer = TRY(Connection::open(file, Connection::Mode::write));
    TRY(newer->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  std::error_code none;
  if (fs::exists(file.string() + "-wal", none) && fs::file_size(file.string() + "-wal", none) > 0)
    return fail(ErrorCode::unavailable, "database-in-use", "Another process uses the database " + file.string() + ".");
  auto const aside = std::format("{}.newer-{}", file.string(), to_ms(now));
  if (::link(file.c_str(), aside.c_str()) != 0) return fail_errno(errno, "keep " + file.string());
  TRY(rename_durably(temporary, file));
  fs::remove(file.string() + "-wal", none);
  fs::remove(file.string() + "-shm", none);
  log(LogLevel::warning, "store", "this release is older than the database: it goes on with what it had before",
      {{"newer database", aside}, {"copy", copy->path.string()}});
  return {};
}

void forget_older_copies(fs::path const& file) {
  std::error_code ignored;
  for (auto const& copy : copies_of(file)) fs::remove(copy.path, ignored);
}

}  // namespace berth::store
