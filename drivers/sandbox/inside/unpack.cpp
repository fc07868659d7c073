#include "drivers/sandbox/inside/unpack.hpp"

#include "drivers/sandbox/inside/oci_archive.hpp"

namespace berth::sandbox {
namespace {

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::corrupt, "image-corrupt", std::move(message));
}

// Tar headers and padding take room beside the files: at most this much for each entry.
constexpr std::uint64_t overhead_bytes_per_entry = 2048;

Result<void> unpack_layer(int file, LayerRef const& wanted, Tree& tree, Budget& left) {
  auto archive = TRY(TarReader::of_file(file));
  while (auto const entry = TRY(archive.next())) {
    auto const path = clean_path(entry->name);
    if (!path || join(*path) != wanted.entry) continue;
    if (entry->type != AE_IFREG || entry->hardlink) return corrupt("a layer is not a file of the archive");
    EntrySource blob(archive);
    auto stream = TRY(Decompressed::open(blob, left.bytes + left.entries * overhead_bytes_per_entry));
    auto layer = TRY(TarReader::of_source(stream));
    TRY(apply_layer(layer, tree, left));
    if (TRY(stream.finish()) != wanted.diff_id)
      return corrupt("a layer's content differs from its diff_id " + wanted.diff_id);
    auto const digest = TRY(blob.finish());
    if (!wanted.digest.empty() && digest != wanted.digest)
      return corrupt("a layer differs from its digest " + wanted.digest);
    return {};
  }
  return corrupt("the archive lacks a layer");
}

}  // namespace

Result<Unpacked> unpack_image(int file, int root, Budget const& allowed) {
  auto image = TRY(find_image(file));
  Tree tree(root);
  TRY(tree.directory({}, {.uid = 0, .gid = 0, .mode = 0755, .modified_s = 0}));
  auto left = allowed;
  for (auto const& layer : image.layers) TRY(unpack_layer(file, layer, tree, left));
  return Unpacked{std::move(image.config), allowed.bytes - left.bytes, allowed.entries - left.entries};
}

}  // namespace berth::sandbox
