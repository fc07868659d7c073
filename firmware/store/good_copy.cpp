#include "firmware/store/good_copy.hpp"

#include <format>

#include "firmware/store/database_files.hpp"
#include "firmware/store/integrity.hpp"

namespace berth::store {
namespace {

namespace fs = std::filesystem;

fs::path copy_of(fs::path const& file) {
  return file.string() + ".good";
}

}  // namespace

Result<void> write_good_copy(Connection& from, fs::path const& file) {
  TRY(check_integrity(from));
  return copy_durably(from, copy_of(file));
}

std::optional<Moment> good_copy_at(fs::path const& file) {
  std::error_code failed;
  auto const written = fs::last_write_time(copy_of(file), failed);
  if (failed) return std::nullopt;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::file_clock::to_sys(written));
}

Result<void> check_not_lost(fs::path const& file) {
  std::error_code absent;
  auto const size = fs::file_size(file, absent);
  if ((!absent && size > 0) || !good_copy_at(file)) return {};
  return fail(ErrorCode::corrupt, "database-lost",
              "The panel's database is missing or empty. " + good_copy_advice(file));
}

std::string good_copy_advice(fs::path const& file) {
  auto const at = good_copy_at(file);
  if (!at) return "There is no good copy of it to go back to.";
  return std::format(
      "The last good copy is from {}: {}. Start with --restore-good-copy to go back to it; the damaged file is kept.",
      rfc3339(*at), copy_of(file).string());
}

Result<void> put_good_copy_in_place(fs::path const& file, Moment now) {
  auto const copy = copy_of(file);
  if (!fs::exists(copy))
    return fail(ErrorCode::not_found, "no-good-copy", "There is no good copy of " + file.string() + ".");
  {
    auto connection = TRY(Connection::open(copy, Connection::Mode::read));
    TRY(check_integrity(*connection));
  }
  // All of the copy is on the disk before anything is moved: a full disk must not leave a panel without a database.
  std::error_code failed;
  fs::path const temporary = file.string() + ".restoring";
  fs::copy_file(copy, temporary, fs::copy_options::overwrite_existing, failed);
  if (failed) return fail_errno(failed.value(), "copy " + copy.string());
  TRY(sync_to_disk(temporary));
  // The damaged file leaves with its companions: a WAL beside another database would be replayed into it.
  auto const aside = std::format("{}.damaged-{}", file.string(), to_ms(now));
  for (auto suffix : {"-wal", "-shm", ""}) {
    fs::path const part = file.string() + suffix;
    if (fs::exists(part)) TRY(rename_durably(part, aside + suffix));
  }
  return rename_durably(temporary, file);
}

}  // namespace berth::store
