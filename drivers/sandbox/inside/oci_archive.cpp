#include "drivers/sandbox/inside/oci_archive.hpp"

#include <algorithm>
#include <optional>

#include "drivers/sandbox/inside/archive_reader.hpp"
#include "drivers/sandbox/inside/tree.hpp"

namespace berth::sandbox {
namespace {

constexpr std::size_t document_bytes_max = 2 << 20;
constexpr std::size_t layers_max = 128;
constexpr std::size_t entries_max = 10'000;
constexpr int index_depth_max = 3;

std::unexpected<Error> corrupt(std::string message) {
  return fail(ErrorCode::corrupt, "image-corrupt", std::move(message));
}

// A small file of the archive, or nothing.
Result<std::optional<std::string>> document(int file, std::string_view name) {
  auto reader = TRY(TarReader::of_file(file));
  for (std::size_t count = 0; count < entries_max; ++count) {
    auto const entry = TRY(reader.next());
    if (!entry) return std::nullopt;
    auto const path = clean_path(entry->name);
    if (!path || join(*path) != name) continue;
    if (entry->type != AE_IFREG || entry->hardlink) return corrupt("an image document is not a file");
    if (entry->size_bytes < 0 || entry->size_bytes > static_cast<std::int64_t>(document_bytes_max))
      return fail(ErrorCode::too_large, "image-too-large", "an image document is too large");
    std::string text(static_cast<std::size_t>(entry->size_bytes), '\0');
    EntrySource source(reader);
    std::size_t have = 0;
    while (have < text.size()) {
      auto const got = TRY(source.read(std::as_writable_bytes(std::span(text).subspan(have))));
      if (got == 0) return corrupt("an image document is cut short");
      have += got;
    }
    return text;
  }
  return corrupt("the archive has too many entries");
}

Result<std::string> hex_of(json::value const& digest) {
  constexpr std::string_view prefix = "sha256:";
  auto const* text = digest.if_string();
  if (text == nullptr) return corrupt("a digest is not a string");
  std::string_view const whole(*text);
  if (!whole.starts_with(prefix) || whole.size() != prefix.size() + 64 ||
      !std::ranges::all_of(whole.substr(prefix.size()),
                           [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
    return corrupt("a digest is not SHA-256");
  return std::string(whole.substr(prefix.size()));
}

json::value const& member(json::value const& of, std::string_view name) {
  static json::value const none;
  auto const* object = of.if_object();
  auto const* found = object == nullptr ? nullptr : object->if_contains(name);
  return found == nullptr ? none : *found;
}

bool is_text(json::value const& value, std::string_view text) {
  auto const* string = value.if_string();
  return string != nullptr && std::string_view(*string) == text;
}

Result<json::value> object_of(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) return corrupt("an image document is not a JSON object");
  return std::move(*value);
}

std::string hash_of(std::string_view text) {
  Sha256 hash;
  hash.add(std::as_bytes(std::span(text)));
  return hash.finish_hex();
}

// The blob that a descriptor names, whose bytes have its digest.
Result<std::string> blob_document(int file, json::value const& descriptor) {
  auto const digest = TRY(hex_of(member(descriptor, "digest")));
  auto text = TRY(document(file, "blobs/sha256/" + digest));
  if (!text) return corrupt("the archive lacks the blob " + digest);
  if (hash_of(*text) != digest) return corrupt("a blob differs from its digest " + digest);
  return *std::move(text);
}

bool is_index(json::value const& descriptor, json::value const& content) {
  auto const& type = member(descriptor, "mediaType");
  return is_text(type, "application/vnd.oci.image.index.v1+json") ||
         is_text(type, "application/vnd.docker.distribution.manifest.list.v2+json") ||
         member(content, "manifests").is_array();
}

// The first manifest for this machine, through nested indexes. Nothing: none here.
Result<std::optional<json::value>> manifest_in(int file, json::value const& index, int depth) {
  if (depth > index_depth_max) return corrupt("image indexes are nested too deep");
  auto const* manifests = member(index, "manifests").if_array();
  if (manifests == nullptr || manifests->size() > 256) return corrupt("an image index has no list of manifests");
  for (auto const& descriptor : *manifests) {
    auto const& platform = member(descriptor, "platform");
    if (platform.is_object() &&
        !(is_text(member(platform, "os"), "linux") && is_text(member(platform, "architecture"), "amd64")))
      continue;
    auto content = TRY(object_of(TRY(blob_document(file, descriptor))));
    if (!is_index(descriptor, content)) return content;
    if (auto found = TRY(manifest_in(file, content, depth + 1))) return found;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> diff_ids(json::value const& config) {
  if (!member(config, "os").is_null() && !is_text(member(config, "os"), "linux"))
    return corrupt("the image is not for Linux");
  if (!member(config, "architecture").is_null() && !is_text(member(config, "architecture"), "amd64"))
    return corrupt("the image is not for amd64");
  auto const* listed = member(member(config, "rootfs"), "diff_ids").if_array();
  if (listed == nullptr || listed->size() > layers_max) return corrupt("the image config has no usable list of layers");
  std::vector<std::string> ids;
  for (auto const& id : *listed) ids.push_back(TRY(hex_of(id)));
  return ids;
}

Result<ImageRef> from_layout(int file, std::string_view index) {
  auto const manifest = TRY(manifest_in(file, TRY(object_of(index)), 0));
  if (!manifest) return corrupt("the archive holds no image for linux/amd64");
  ImageRef image;
  image.config = TRY(object_of(TRY(blob_document(file, member(*manifest, "config")))));
  auto const ids = TRY(diff_ids(image.config));
  auto const* layers = member(*manifest, "layers").if_array();
  if (layers == nullptr || layers->size() != ids.size())
    return corrupt("the image's manifest and config name different layers");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto digest = TRY(hex_of(member((*layers)[i], "digest")));
    auto entry = "blobs/sha256/" + digest;
    image.layers.push_back({std::move(entry), std::move(digest), ids[i]});
  }
  return image;
}

Result<ImageRef> from_docker(int file, std::string_view text) {
  auto const list = parse_json(text);
  auto const* images = list ? list->if_array() : nullptr;
  if (images == nullptr || images->size() != 1) return corrupt("the archive must hold exactly one image");
  auto const& described = images->front();
  auto const* config_name = member(described, "Config").if_string();
  auto const* layers = member(described, "Layers").if_array();
  if (config_name == nullptr || layers == nullptr) return corrupt("manifest.json lacks its config or layers");
  auto const config = TRY(document(file, std::string_view(*config_name)));
  if (!config) return corrupt("the archive lacks the image's config");
  // "<digest>.json": docker names the config by its digest.
  std::string_view const name(*config_name);
  if (name.ends_with(".json") && name.substr(0, name.size() - 5) != hash_of(*config))
    return corrupt("the image's config differs from its digest");
  ImageRef image;
  image.config = TRY(object_of(*config));
  auto const ids = TRY(diff_ids(image.config));
  if (layers->size() != ids.size()) return corrupt("manifest.json and config name different layers");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto const* entry = (*layers)[i].if_string();
    if (entry == nullptr) return corrupt("a layer of manifest.json has no name");
    image.layers.push_back({std::string(*entry), "", ids[i]});
  }
  return image;
}

}  // namespace

Result<ImageRef> find_image(int file) {
  if (auto const index = TRY(document(file, "index.json"))) return from_layout(file, *index);
  if (auto const manifest = TRY(document(file, "manifest.json"))) return from_docker(file, *manifest);
  return corrupt("the archive is neither an OCI image layout nor a saved docker image");
}

}  // namespace berth::sandbox
