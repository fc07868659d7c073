#include "drivers/sandbox/inside/layer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_set>

namespace berth::sandbox {
namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";
constexpr std::int64_t id_max = 65535;  // what a guest's user namespace maps

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "image-refused", std::move(message));
}

// The names that this layer brought, with those of the directories above them.
class Brought {
 public:
  void add(Path const& path) {
    for (auto count = path.size(); count > 0; --count)
      if (!names_.insert(join(std::span(path).first(count))).second) return;
  }
  bool has(Path const& path) const { return names_.contains(join(path)); }

 private:
  std::unordered_set<std::string> names_;
};

Result<void> write_content(TarReader& layer, int file, std::int64_t size) {
  while (auto const block = TRY(layer.block())) {
    if (block->offset < 0 || block->offset > size ||
        static_cast<std::int64_t>(block->bytes.size()) > size - block->offset)
      return fail(ErrorCode::corrupt, "image-corrupt", "a file is longer than its header says");
    for (std::size_t done = 0; done < block->bytes.size();) {
      auto const rest = block->bytes.subspan(done);
      auto const count = ::pwrite(file, rest.data(), rest.size(), block->offset + static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail_errno(errno, "write a file");
      done += static_cast<std::size_t>(count);
    }
  }
  if (::ftruncate(file, size) != 0) return fail_errno(errno, "set a file's size");
  return {};
}

Result<Attributes> attributes_of(Entry const& entry) {
  if (entry.uid < 0 || entry.uid > id_max || entry.gid < 0 || entry.gid > id_max)
    return refuse("an entry belongs to an id above 65535: " + entry.name);
  constexpr mode_t permission_bits = 07777;
  return Attributes{static_cast<std::uint32_t>(entry.uid), static_cast<std::uint32_t>(entry.gid),
                    entry.mode & permission_bits, entry.modified_s};
}

Result<void> take_file(TarReader& layer, Tree& tree, Path const& path, Entry const& entry, Budget& left) {
  if (entry.size_bytes < 0 || static_cast<std::uint64_t>(entry.size_bytes) > left.bytes)
    return fail(ErrorCode::too_large, "image-too-large", "the image holds more bytes than allowed");
  left.bytes -= static_cast<std::uint64_t>(entry.size_bytes);
  auto const attributes = TRY(attributes_of(entry));
  auto const file = TRY(tree.file(path));
  TRY(write_content(layer, file.get(), entry.size_bytes));
  return tree.finish_file(file.get(), attributes);
}

Result<void> take_whiteout(Tree& tree, Path path, Brought const& brought) {
  std::string const marker = std::move(path.back());
  path.pop_back();
  if (marker == opaque_name) return tree.clear(path, [&](Path const& at) { return brought.has(at); });
  // aufs kept its own books under this prefix; they mean nothing here.
  if (marker.starts_with(".wh..wh.")) return {};
  auto hidden = marker.substr(whiteout_prefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return refuse("a whiteout names nothing");
  path.push_back(std::move(hidden));
  if (brought.has(path)) return {};  // it hides what lies below, never its own layer's entry
  return tree.remove(path);
}

Result<void> take_entry(TarReader& layer, Tree& tree, Path const& path, Entry const& entry, Budget& left) {
  if (entry.hardlink) return tree.hardlink(path, TRY(clean_path(*entry.hardlink)));
  switch (entry.type) {
    case AE_IFDIR:
      return tree.directory(path, TRY(attributes_of(entry)));
    case AE_IFREG:
      return take_file(layer, tree, path, entry, left);
    case AE_IFLNK:
      return tree.symlink(path, entry.symlink.value_or(""), TRY(attributes_of(entry)));
    case AE_IFIFO:
      return tree.fifo(path, TRY(attributes_of(entry)));
    default:
      return refuse("an entry is neither file, directory nor link: " + entry.name);
  }
}

// Builders pack /dev/console and its like; a container's /dev is always made anew and hides them.
bool is_hidden_device(Path const& path, Entry const& entry) {
  return (entry.type == AE_IFCHR || entry.type == AE_IFBLK) && !entry.hardlink && path.size() > 1 &&
         path.front() == "dev";
}

}  // namespace

Result<void> apply_layer(TarReader& layer, Tree& tree, Budget& left) {
  Brought brought;
  while (auto const entry = TRY(layer.next())) {
    if (left.entries == 0)
      return fail(ErrorCode::too_large, "image-too-large", "the image holds more files than allowed");
    --left.entries;
    auto path = TRY(clean_path(entry->name));
    if (!path.empty() && path.back().starts_with(whiteout_prefix)) {
      TRY(take_whiteout(tree, std::move(path), brought));
      continue;
    }
    if (is_hidden_device(path, *entry)) continue;
    TRY(take_entry(layer, tree, path, *entry, left));
    brought.add(path);
  }
  return {};
}

}  // namespace berth::sandbox
