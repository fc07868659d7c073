// "<file>.good": a copy of the database that passed its checks, offered when the database itself is damaged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "firmware/base/clock.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/connection.hpp"

namespace berth::store {

Result<void> write_good_copy(Connection& from, std::filesystem::path const& file);
std::optional<Moment> good_copy_at(std::filesystem::path const& file);
// Whether there is a copy but nothing that it is a copy of: a new, empty database would take the copy's place within a
// day. Errors: corrupt ("database-lost").
Result<void> check_not_lost(std::filesystem::path const& file);
// What a person should do about a damaged database.
std::string good_copy_advice(std::filesystem::path const& file);
// The caller holds the database's lock.
Result<void> put_good_copy_in_place(std::filesystem::path const& file, Moment now);

}  // namespace berth::store
