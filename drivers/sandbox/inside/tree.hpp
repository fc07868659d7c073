// A root file system under construction below one directory descriptor. Nothing outside is reachable: every parent is
// opened with openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS), every last component without
// following it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::sandbox {

// Components without "", ".", ".." and NUL; empty: the root itself.
using Path = std::vector<std::string>;

// "./usr/bin/" -> {usr, bin}. Errors: invalid_argument for absolute names, "..", too long or too deep ones.
Result<Path> clean_path(std::string_view raw);
std::string join(std::span<std::string const> path);

struct Attributes {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  mode_t mode = 0;  // permission bits, setuid, setgid and sticky
  std::int64_t modified_s = 0;
};

// Not thread-safe. Errors of every call: invalid_argument (a parent is a symbolic link or a file), exhausted, io.
class Tree {
 public:
  // `root` must outlive it.
  explicit Tree(int root) : root_(root) {}

  // Each replaces what has that name; a directory stays when a directory comes. Missing parents appear as 0755 0:0.
  Result<void> directory(Path const& at, Attributes const& attributes);
  Result<void> symlink(Path const& at, std::string const& target, Attributes const& attributes);
  Result<void> fifo(Path const& at, Attributes const& attributes);
  // `target` is a regular file or symbolic link that is there already.
  Result<void> hardlink(Path const& at, Path const& target);
  // Opened for writing; finish_file() sets its attributes.
  Result<Descriptor> file(Path const& at);
  Result<void> finish_file(int file, Attributes const& attributes);

  // Whatever is there, with all below it. Absent: success.
  Result<void> remove(Path const& at);
  // Removes what lies below the directory `at` and for which `keep` says no; directories on the way to what is kept
  // stay.
  Result<void> clear(Path const& at, std::function<bool(Path const&)> const& keep);

 private:
  Result<int> parent_of(Path const& at);
  Result<Descriptor> open_directory(std::span<std::string const> path);
  Result<Descriptor> make_directories(std::span<std::string const> path);
  Result<void> clear_below(int directory, Path& at, std::function<bool(Path const&)> const& keep);

  int root_;
  Descriptor parent_;  // of the entry before: archives name neighbours one after another
  std::string parent_name_;
  bool parent_known_ = false;
};

}  // namespace berth::sandbox
