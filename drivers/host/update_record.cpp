#include "drivers/host/update_record.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/json_reply.hpp"
#include "firmware/base/log.hpp"

namespace berth::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t record_bytes_max = 64 * 1024;
// A slot holds 1 GiB.
constexpr off_t bundle_bytes_max = off_t{1200} * 1024 * 1024;
// The guests' file system must not run full for an update's sake.
constexpr std::uint64_t bytes_left_free = std::uint64_t{256} * 1024 * 1024;
constexpr char record_name[] = "last.json";
constexpr char releases_name[] = "started.json";
constexpr char bundle_name[] = "bundle.raucb";

template <class T>
std::optional<T> read_as(fs::path const& path) {
  auto const text = read_file(path, record_bytes_max);
  if (!text) return std::nullopt;
  auto const value = parse_json(*text);
  auto record = value ? from_reply<T>(*value) : Result<T>(std::unexpected(value.error()));
  if (record) return *std::move(record);
  log(LogLevel::error, "updates", "a record is not understood",
      {{"file", path.string()}, {"why", describe(record.error())}});
  return std::nullopt;
}

Result<void> copy(int from, int to, off_t size) {
  if (::ioctl(to, FICLONE, from) == 0) return {};
  std::vector<char> buffer(std::size_t{1} << 20);
  for (off_t at = 0; at < size;) {
    auto const got = ::pread(from, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "reading the update");
    if (got == 0) return fail(ErrorCode::io, "update-shrank", "The update's file became shorter while it was read.");
    for (ssize_t done = 0; done < got;) {
      auto const put = ::pwrite(to, buffer.data() + done, static_cast<std::size_t>(got - done), at + done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail_errno(errno, "copying the update");
      done += put;
    }
    at += got;
  }
  return {};
}

}  // namespace

std::optional<UpdateRecord> read_update_record(fs::path const& folder) {
  return read_as<UpdateRecord>(folder / record_name);
}

Result<void> write_update_record(fs::path const& folder, UpdateRecord const& record) {
  return replace_file(folder / record_name, write_json(record), 0600);
}

StartedReleases read_started_releases(fs::path const& folder) {
  return read_as<StartedReleases>(folder / releases_name).value_or(StartedReleases{});
}

Result<void> write_started_releases(fs::path const& folder, StartedReleases const& releases) {
  return replace_file(folder / releases_name, write_json(releases), 0600);
}

Result<fs::path> take_bundle(fs::path const& folder, int from) {
  struct stat facts{};
  if (::fstat(from, &facts) != 0) return fail_errno(errno, "looking at the update");
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::invalid_argument, "update-no-file", "An update is a plain file.");
  if (facts.st_size > bundle_bytes_max)
    return fail(ErrorCode::corrupt, "bundle-invalid", "This is not an update: it is too large for one.");
  drop_bundle(folder);
  struct statvfs room{};
  if (::statvfs(folder.c_str(), &room) != 0) return fail_errno(errno, "looking at " + folder.string());
  if (std::uint64_t{room.f_bavail} * room.f_frsize < static_cast<std::uint64_t>(facts.st_size) + bytes_left_free)
    return fail(ErrorCode::exhausted, "no-room-for-update", "There is not enough free space for the update.");
  auto const path = folder / bundle_name;
  Descriptor const to(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to.valid()) return fail_errno(errno, "make " + path.string());
  if (auto copied = copy(from, to.get(), facts.st_size); !copied) {
    drop_bundle(folder);
    return std::unexpected(std::move(copied).error());
  }
  return path;
}

void drop_bundle(fs::path const& folder) {
  std::error_code ignored;
  fs::remove(folder / bundle_name, ignored);
}

}  // namespace berth::host
