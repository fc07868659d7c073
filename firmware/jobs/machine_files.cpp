#include "firmware/jobs/machine_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <format>
#include <utility>

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"

namespace berth::jobs {
namespace {

constexpr std::string_view update_begins = "update-";
constexpr char bundle_name[] = "support-bundle.tar.gz";

std::unexpected<Error> disk_full() {
  return fail(ErrorCode::exhausted, "disk-full", "There is not enough free space on this machine for that file.");
}

std::unexpected<Error> failed(int error_number, std::string_view what) {
  if (error_number == ENOSPC || error_number == EDQUOT) return disk_full();
  return fail_errno(error_number, what);
}

Result<void> write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno, "write a file of the machine");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// A name of ours, so that no path can be made of it.
bool is_update_name(std::string_view name) {
  if (!name.starts_with(update_begins) || name.size() > 64) return false;
  for (char c : name.substr(update_begins.size()))
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') return false;
  return true;
}

std::unexpected<Error> update_gone() {
  return fail(ErrorCode::not_found, "update-gone", "The update's file is not there any more; send it again.");
}

}  // namespace

Result<std::unique_ptr<MachineFiles>> MachineFiles::open(std::filesystem::path folder) {
  TRY(ensure_directory(folder, 0700));
  return std::make_unique<MachineFiles>(std::move(folder));
}

Result<std::uint64_t> MachineFiles::free_bytes() const {
  struct statvfs facts{};
  if (::statvfs(folder_.c_str(), &facts) != 0) return fail_errno(errno, "look at the room in " + folder_.string());
  return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

Result<MachineFiles::Incoming> MachineFiles::receive(std::uint64_t bytes) {
  if (bytes > update_bytes_max) return fail(ErrorCode::too_large, "update-too-large", "An update has at most 1 GiB.");
  std::scoped_lock lock(mutex_);
  if (!receiving_.empty())
    return fail(ErrorCode::conflict, "upload-under-way", "Another update is being received; wait until it is here.");
  if (TRY(free_bytes()) < bytes + reserve_bytes) return disk_full();
  auto const name = std::string(update_begins) + random_token(12);
  auto const path = folder_ / name;
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return failed(errno, "create " + path.string());
  receiving_ = name;
  Incoming incoming(*this, name, std::move(file), bytes);
  // Now rather than after half of it has come. A file system that cannot promise room finds out while it is written.
  if (bytes > 0) {
    int const error = ::posix_fallocate(incoming.file_.get(), 0, static_cast<off_t>(bytes));
    if (error == ENOSPC || error == EDQUOT) {
      receiving_.clear();
      incoming.files_ = nullptr;
      ::unlink(path.c_str());
      return disk_full();
    }
  }
  return incoming;
}

MachineFiles::Incoming::Incoming(Incoming&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)),
      name_(std::move(other.name_)),
      file_(std::move(other.file_)),
      bytes_(other.bytes_),
      got_(other.got_),
      kept_(other.kept_) {}

MachineFiles::Incoming::~Incoming() {
  if (files_ == nullptr) return;
  if (!kept_) ::unlink((files_->folder_ / name_).c_str());
  std::scoped_lock lock(files_->mutex_);
  files_->receiving_.clear();
}

Result<void> MachineFiles::Incoming::add(std::string_view bytes) {
  if (bytes.size() > bytes_ - got_)
    return fail(ErrorCode::too_large, "body-too-long", "More arrived than was announced.");
  TRY(write_all(file_.get(), bytes));
  got_ += bytes.size();
  return {};
}

Result<void> MachineFiles::Incoming::finish() {
  if (got_ != bytes_)
    return fail(ErrorCode::invalid_argument, "body-too-short", "The file did not arrive whole; send it again.");
  sync(file_.get());
  return sync_directory(files_->folder_);
}

Result<Descriptor> MachineFiles::open_update(std::string const& name) const {
  if (!is_update_name(name)) return update_gone();
  Descriptor file(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
  if (!file.valid() && errno == ENOENT) return update_gone();
  if (!file.valid()) return fail_errno(errno, "open the update " + name);
  return file;
}

Result<void> MachineFiles::remove_update(std::string const& name) const {
  if (!is_update_name(name)) return {};
  if (::unlink((folder_ / name).c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove the update " + name);
  return {};
}

Result<void> MachineFiles::sweep(std::set<std::string> const& named) const {
  std::scoped_lock lock(mutex_);  // nothing begins to be received meanwhile
  std::error_code error;
  for (auto const& entry : std::filesystem::directory_iterator(folder_, error)) {
    auto const name = entry.path().filename().string();
    if (is_update_name(name) && name != receiving_ && !named.contains(name)) TRY(remove_update(name));
  }
  if (error) return fail_errno(error.value(), "list " + folder_.string());
  return {};
}

Result<void> MachineFiles::keep_bundle(Descriptor const& from) const {
  auto const path = folder_ / bundle_name;
  auto const unfinished = path.string() + ".new";
  ::unlink(unfinished.c_str());
  Descriptor const to(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to.valid()) return failed(errno, "create " + unfinished);
  auto const copy = [&]() -> Result<void> {
    std::array<char, 65536> piece;
    std::uint64_t done = 0;
    for (;;) {
      auto const n = ::pread(from.get(), piece.data(), piece.size(), static_cast<off_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno(errno, "read the support bundle");
      if (n == 0) return {};
      done += static_cast<std::uint64_t>(n);
      if (done > bundle_bytes_max)
        return fail(ErrorCode::too_large, "bundle-too-large", "The support bundle is too large to be kept.");
      TRY(write_all(to.get(), {piece.data(), static_cast<std::size_t>(n)}));
    }
  };
  if (auto done = copy(); !done) {
    ::unlink(unfinished.c_str());
    return done;
  }
  sync(to.get());
  if (::rename(unfinished.c_str(), path.c_str()) != 0) return fail_errno(errno, "replace " + path.string());
  return sync_directory(folder_);
}

std::optional<BundleFacts> MachineFiles::bundle() const {
  struct stat facts{};
  if (::stat((folder_ / bundle_name).c_str(), &facts) != 0) return std::nullopt;
  return BundleFacts{std::int64_t{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000,
                     static_cast<std::uint64_t>(facts.st_size)};
}

Result<Descriptor> MachineFiles::open_bundle() const {
  Descriptor file(::open((folder_ / bundle_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
  if (!file.valid() && errno == ENOENT)
    return fail(ErrorCode::not_found, "no-support-bundle", "No support bundle has been made yet.");
  if (!file.valid()) return fail_errno(errno, "open the support bundle");
  return file;
}

}  // namespace berth::jobs
