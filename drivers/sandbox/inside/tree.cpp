#include "drivers/sandbox/inside/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace berth::sandbox {
namespace {

constexpr std::size_t path_bytes_max = 4095;  // PATH_MAX less its NUL
constexpr std::size_t name_bytes_max = 255;   // NAME_MAX
constexpr std::size_t path_depth_max = 128;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "image-refused", std::move(message));
}

Result<std::vector<std::string>> names_in(int directory) {
  Descriptor listed(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!listed.valid()) return fail_errno(errno, "open a directory");
  std::unique_ptr<DIR, CloseDirectory> const stream(::fdopendir(listed.get()));
  if (!stream) return fail_errno(errno, "list a directory");
  (void)listed.release();
  std::vector<std::string> names;
  while (auto const* entry = ::readdir(stream.get())) {
    std::string_view const name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

Result<Descriptor> open_child(int directory, std::string const& name) {
  Descriptor child(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!child.valid()) return fail_errno(errno, "open a directory");
  return child;
}

// Depth is bounded by path_depth_max: nothing deeper is ever made here.
Result<void> remove_at(int directory, std::string const& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return fail_errno(errno, "remove a file");
  {
    auto const child = TRY(open_child(directory, name));
    for (auto const& below : TRY(names_in(child.get()))) TRY(remove_at(child.get(), below));
  }
  if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0) return fail_errno(errno, "remove a directory");
  return {};
}

std::array<timespec, 2> times_of(Attributes const& attributes) {
  timespec const at{attributes.modified_s, 0};
  return {at, at};
}

// Makes `name` by `make`; what was there before goes.
template <class Make>
Result<void> replace(int directory, std::string const& name, bool& parent_known, Make const& make) {
  if (make() == 0) return {};
  if (errno != EEXIST) return fail_errno(errno, "make " + name);
  parent_known = false;  // what is replaced may be a directory on the way to the next parent
  TRY(remove_at(directory, name));
  if (make() != 0) return fail_errno(errno, "make " + name);
  return {};
}

}  // namespace

Result<Path> clean_path(std::string_view raw) {
  if (raw.empty()) return refuse("an entry has no name");
  if (raw.size() > path_bytes_max) return refuse("a name is too long");
  if (raw.front() == '/') return refuse("a name is absolute: " + std::string(raw));
  if (raw.contains('\0')) return refuse("a name holds a NUL");
  Path path;
  while (!raw.empty()) {
    auto const end = std::min(raw.find('/'), raw.size());
    auto const part = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") return refuse("a name leads upwards");
    if (part.size() > name_bytes_max) return refuse("a name is too long");
    path.emplace_back(part);
  }
  if (path.size() > path_depth_max) return refuse("a directory is too deep");
  return path;
}

std::string join(std::span<std::string const> path) {
  std::string text;
  for (auto const& part : path) {
    if (!text.empty()) text += '/';
    text += part;
  }
  return text;
}

Result<Descriptor> Tree::open_directory(std::span<std::string const> path) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  auto const text = path.empty() ? std::string(".") : join(path);
  Descriptor directory(static_cast<int>(::syscall(SYS_openat2, root_, text.c_str(), &how, sizeof how)));
  if (directory.valid()) return directory;
  if (errno == ELOOP) return refuse("an entry goes through a symbolic link: " + text);
  if (errno == ENOTDIR) return refuse("an entry goes through a file: " + text);
  return fail_errno(errno, "open " + text);
}

Result<Descriptor> Tree::make_directories(std::span<std::string const> path) {
  auto found = open_directory(path);
  if (found || found.error().code != ErrorCode::not_found) return found;
  for (std::size_t count = 1; count <= path.size(); ++count) {
    auto const above = TRY(open_directory(path.first(count - 1)));
    constexpr mode_t usual = 0755;
    if (::mkdirat(above.get(), path[count - 1].c_str(), usual) != 0 && errno != EEXIST)
      return fail_errno(errno, "make a directory");
  }
  return open_directory(path);
}

Result<int> Tree::parent_of(Path const& at) {
  if (at.empty()) return refuse("the root is replaced by something else");
  auto const above = std::span(at).first(at.size() - 1);
  auto name = join(above);
  if (!parent_known_ || name != parent_name_) {
    parent_known_ = false;
    parent_ = TRY(make_directories(above));
    parent_name_ = std::move(name);
    parent_known_ = true;
  }
  return parent_.get();
}

Result<void> Tree::directory(Path const& at, Attributes const& attributes) {
  Descriptor made;
  if (at.empty()) {
    made = TRY(open_child(root_, "."));
  } else {
    int const parent = TRY(parent_of(at));
    constexpr mode_t private_mode = 0700;
    if (::mkdirat(parent, at.back().c_str(), private_mode) != 0) {
      if (errno != EEXIST) return fail_errno(errno, "make a directory");
      struct stat facts{};
      if (::fstatat(parent, at.back().c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_errno(errno, "look at an entry");
      if (!S_ISDIR(facts.st_mode)) {
        parent_known_ = false;
        TRY(remove_at(parent, at.back()));
        if (::mkdirat(parent, at.back().c_str(), private_mode) != 0) return fail_errno(errno, "make a directory");
      }
    }
    made = TRY(open_child(parent, at.back()));
  }
  return finish_file(made.get(), attributes);
}

Result<void> Tree::symlink(Path const& at, std::string const& target, Attributes const& attributes) {
  if (target.empty() || target.size() > path_bytes_max || target.contains('\0'))
    return refuse("a symbolic link has no valid target");
  int const parent = TRY(parent_of(at));
  auto const& name = at.back();
  TRY(replace(parent, name, parent_known_, [&] { return ::symlinkat(target.c_str(), parent, name.c_str()); }));
  if (::fchownat(parent, name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "give a link its owner");
  auto const times = times_of(attributes);
  if (::utimensat(parent, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "give a link its time");
  return {};
}

Result<void> Tree::fifo(Path const& at, Attributes const& attributes) {
  int const parent = TRY(parent_of(at));
  auto const& name = at.back();
  TRY(replace(parent, name, parent_known_, [&] { return ::mknodat(parent, name.c_str(), S_IFIFO | 0600, 0); }));
  if (::fchownat(parent, name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "give a pipe its owner");
  // Not a link: made just now, and nobody else writes here.
  if (::fchmodat(parent, name.c_str(), attributes.mode, 0) != 0) return fail_errno(errno, "give a pipe its mode");
  return {};
}

Result<void> Tree::hardlink(Path const& at, Path const& target) {
  if (target.empty()) return refuse("a hard link names the root");
  if (at == target) return refuse("a hard link names itself");
  Descriptor const from = TRY(open_directory(std::span(target).first(target.size() - 1)));
  struct stat facts{};
  if (::fstatat(from.get(), target.back().c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
    return refuse("a hard link names what is not there: " + join(target));
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode))
    return refuse("a hard link names something other than a file: " + join(target));
  int const parent = TRY(parent_of(at));
  auto const& name = at.back();
  return replace(parent, name, parent_known_,
                 [&] { return ::linkat(from.get(), target.back().c_str(), parent, name.c_str(), 0); });
}

Result<Descriptor> Tree::file(Path const& at) {
  int const parent = TRY(parent_of(at));
  auto const& name = at.back();
  auto make = [&] {
    constexpr mode_t private_mode = 0600;
    return Descriptor(
        ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, private_mode));
  };
  auto made = make();
  if (!made.valid() && errno == EEXIST) {
    parent_known_ = false;
    TRY(remove_at(parent, name));
    made = make();
  }
  if (!made.valid()) return fail_errno(errno, "make " + name);
  return made;
}

Result<void> Tree::finish_file(int file, Attributes const& attributes) {
  // Owner first: changing it clears setuid bits.
  if (::fchown(file, attributes.uid, attributes.gid) != 0) return fail_errno(errno, "give a file its owner");
  if (::fchmod(file, attributes.mode) != 0) return fail_errno(errno, "give a file its mode");
  auto const times = times_of(attributes);
  if (::futimens(file, times.data()) != 0) return fail_errno(errno, "give a file its time");
  return {};
}

Result<void> Tree::remove(Path const& at) {
  if (at.empty()) return refuse("the root is removed");
  auto above = open_directory(std::span(at).first(at.size() - 1));
  if (!above) {
    if (above.error().code == ErrorCode::not_found) return {};
    return std::unexpected(std::move(above).error());
  }
  parent_known_ = false;
  return remove_at(above->get(), at.back());
}

Result<void> Tree::clear_below(int directory, Path& at, std::function<bool(Path const&)> const& keep) {
  for (auto& name : TRY(names_in(directory))) {
    at.push_back(name);
    if (!keep(at)) {
      TRY(remove_at(directory, name));
    } else {
      struct stat facts{};
      if (::fstatat(directory, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_errno(errno, "look at an entry");
      if (S_ISDIR(facts.st_mode)) {
        auto const child = TRY(open_child(directory, name));
        TRY(clear_below(child.get(), at, keep));
      }
    }
    at.pop_back();
  }
  return {};
}

Result<void> Tree::clear(Path const& at, std::function<bool(Path const&)> const& keep) {
  auto directory = open_directory(at);
  if (!directory) {
    if (directory.error().code == ErrorCode::not_found) return {};
    return std::unexpected(std::move(directory).error());
  }
  parent_known_ = false;
  Path path = at;
  return clear_below(directory->get(), path, keep);
}

}  // namespace berth::sandbox
