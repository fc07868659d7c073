#include "drivers/host/machine_name.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"

namespace berth::host {
namespace {

constexpr std::size_t name_bytes_max = 64;

// In place: on the appliance the file is a mount point, which no other file can be renamed over.
Result<void> overwrite(std::filesystem::path const& path, std::string const& text) {
  Descriptor const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!file.valid()) return fail_errno(errno, "open " + path.string());
  if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(file.get(), static_cast<off_t>(text.size())) != 0)
    return fail_errno(errno, "write " + path.string());
  sync(file.get());
  return {};
}

}  // namespace

Result<void> keep_name(MachinePaths const& paths, contract::Hostname const& name) {
  return replace_file(paths.settings / "hostname", name.str() + "\n", 0644);
}

Result<void> apply_kept_name(MachinePaths const& paths) {
  auto const kept = read_file(paths.settings / "hostname", name_bytes_max);
  if (!kept) {
    if (kept.error().code == ErrorCode::not_found) return {};
    return std::unexpected(kept.error());
  }
  auto const name = kept->substr(0, kept->find('\n'));
  if (!contract::is_hostname(name)) return fail(ErrorCode::corrupt, "hostname-invalid", "The kept name is not a name.");
  if (auto const there = read_file(paths.hostname, name_bytes_max); !there || *there != *kept)
    TRY(overwrite(paths.hostname, name + "\n"));
  char current[name_bytes_max + 1] = {};
  if (::gethostname(current, sizeof current - 1) == 0 && current == name) return {};
  if (::sethostname(name.data(), name.size()) != 0) return fail_errno(errno, "set the machine's name");
  return {};
}

}  // namespace berth::host
