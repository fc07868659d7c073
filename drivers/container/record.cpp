#include "drivers/container/record.hpp"

#include <unistd.h>

#include <cerrno>
#include <set>

#include "firmware/base/files.hpp"

namespace berth::container {
namespace {

constexpr std::size_t record_bytes_max = 512 * 1024;  // user data of 64 KiB, escaped, and sixteen keys

}  // namespace

Result<Record> Records::find(contract::GuestId const& guest) const {
  auto const text = read_file(file(guest), record_bytes_max);
  if (!text && text.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "guest-unknown", "There is no such guest on this machine.");
  if (!text) return std::unexpected(text.error());
  auto record = read_json<Record>(*text);
  if (!record)
    return fail(ErrorCode::corrupt, "guest-record",
                "The guest's definition does not read: " + describe(record.error()));
  return record;
}

bool Records::knows(contract::GuestId const& guest) const {
  return ::access(file(guest).c_str(), F_OK) == 0;
}

Result<std::vector<contract::GuestId>> Records::guests() const {
  std::vector<contract::GuestId> all;
  std::error_code error;
  for (auto const& entry : std::filesystem::directory_iterator(guests_, error)) {
    auto const guest = contract::GuestId::parse(entry.path().filename().string());
    if (guest && contract::is_guest_id(*guest) && knows(*guest)) all.push_back(*guest);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(ErrorCode::io, "io-error", "list the guests: " + error.message());
  return all;
}

Result<Record> Records::keep(contract::GuestSpec const& spec) {
  std::lock_guard const turn(ranges_);
  Record record{spec, {}};
  auto const known = find(spec.guest);
  if (known) {
    record.range = known->range;
  } else {
    if (known.error().code != ErrorCode::not_found) return std::unexpected(known.error());
    std::set<std::int64_t> taken;
    // A record that does not read may hold any range: nothing is given out until it is mended or gone.
    for (auto const& guest : TRY(guests())) taken.insert(TRY(find(guest)).range.value);
    auto free = std::int64_t{1};
    while (taken.contains(free)) ++free;
    if (free > decltype(record.range)::max)
      return fail(ErrorCode::exhausted, "no-id-range", "No range of user ids is free.");
    record.range.value = free;
  }
  TRY(ensure_directory(guests_, 0711));
  TRY(ensure_directory(guests_ / spec.guest.str(), 0711));
  TRY(replace_file(file(spec.guest), write_json(record), 0600));
  return record;
}

Result<void> Records::forget(contract::GuestId const& guest) {
  auto const path = file(guest);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return fail_errno(errno, "remove " + path.string());
  }
  TRY(sync_directory(path.parent_path()));
  // The folder belongs to whoever uses it last.
  if (::rmdir(path.parent_path().c_str()) != 0 && errno != ENOTEMPTY && errno != ENOENT)
    return fail_errno(errno, "remove " + path.parent_path().string());
  return {};
}

}  // namespace berth::container
