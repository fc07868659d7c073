// Copies of the database as an older release left it, so that a machine that goes back to that release starts with its data.
//
// "<file>.schema-N.for-M": the database with the migrations 1 to N, copied before a release whose last migration is M changed it.
// It serves until the new release is found to work (forget_older_copies). What is newer than the release that starts is kept
// beside it as "<file>.newer-<time>" for a person to look at; nothing ever takes it away.
#pragma once

#include <filesystem>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/connection.hpp"
#include "firmware/store/migrations.hpp"

namespace berth::store {

inline constexpr std::size_t older_copies_kept = 2;

// Before migrating: a copy when something is there and some of `ours` is missing in it. A release that was interrupted halfway
// through its migrations does not copy what it left: no release knows that.
Result<void> keep_older_copy(Connection& writer, std::filesystem::path const& file, std::vector<Migration> const& ours);
// Puts the copy with exactly the migrations of this release in the place of a newer database, which is kept. The caller holds the
// database's lock and has no connection open. Errors: not_found (no such copy), corrupt (the copy is damaged), exhausted, io.
Result<void> put_older_copy_in_place(std::filesystem::path const& file, std::vector<Migration> const& ours, Moment now);
void forget_older_copies(std::filesystem::path const& file);

}  // namespace berth::store
