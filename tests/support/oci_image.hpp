// Images built in memory, entry by entry: honest ones and ones that nobody's tool would write.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/json.hpp"
#include "firmware/base/random.hpp"

namespace berth::support {

struct Owner {
  std::int64_t uid = 0;
  std::int64_t gid = 0;
};

// A tar under construction.
class TarWriter {
 public:
  enum class Filter { none, gzip, zstd };

  explicit TarWriter(Filter filter = Filter::none)
      : file_(::memfd_create("tar", MFD_CLOEXEC)), archive_(archive_write_new()) {
    archive_write_set_format_pax_restricted(archive_.get());
    if (filter == Filter::gzip) archive_write_add_filter_gzip(archive_.get());
    if (filter == Filter::zstd) archive_write_add_filter_zstd(archive_.get());
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    archive_write_open_fd(archive_.get(), file_.get());
  }

  TarWriter& file(std::string const& name, std::string_view content, int mode = 0644, Owner owner = {}) {
    return add(name, AE_IFREG, mode, owner, content, [](archive_entry*) {});
  }
  TarWriter& directory(std::string const& name, int mode = 0755, Owner owner = {}) {
    return add(name, AE_IFDIR, mode, owner, "", [](archive_entry*) {});
  }
  TarWriter& symlink(std::string const& name, std::string const& target) {
    return add(name, AE_IFLNK, 0777, {}, "", [&](archive_entry* e) { archive_entry_set_symlink(e, target.c_str()); });
  }
  TarWriter& hardlink(std::string const& name, std::string const& target) {
    return add(name, AE_IFREG, 0644, {}, "", [&](archive_entry* e) { archive_entry_set_hardlink(e, target.c_str()); });
  }
  TarWriter& device(std::string const& name) {
    return add(name, AE_IFCHR, 0666, {}, "",
               [](archive_entry* e) { archive_entry_set_rdevmajor(e, 1), archive_entry_set_rdevminor(e, 3); });
  }

  // Spends the writer.
  std::string bytes() {
    archive_write_close(archive_.get());
    std::string all(static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    if (::pread(file_.get(), all.data(), all.size(), 0) < 0) std::abort();
    return all;
  }

 private:
  struct FreeWriter {
    void operator()(archive* a) const { archive_write_free(a); }
  };
  TarWriter& add(std::string const& name, unsigned type, int mode, Owner owner, std::string_view content,
                 std::function<void(archive_entry*)> const& more) {
    std::unique_ptr<archive_entry, decltype(&archive_entry_free)> const entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), static_cast<mode_t>(mode));
    archive_entry_set_uid(entry.get(), owner.uid);
    archive_entry_set_gid(entry.get(), owner.gid);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    more(entry.get());
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) std::abort();
    if (!content.empty()) archive_write_data(archive_.get(), content.data(), content.size());
    return *this;
  }

  Descriptor file_;
  std::unique_ptr<archive, FreeWriter> archive_;
};

inline std::string compressed(std::string_view bytes, TarWriter::Filter filter) {
  Descriptor const file(::memfd_create("blob", MFD_CLOEXEC));
  std::unique_ptr<archive, decltype(&archive_write_free)> const out(archive_write_new(), &archive_write_free);
  archive_write_set_format_raw(out.get());
  if (filter == TarWriter::Filter::gzip) archive_write_add_filter_gzip(out.get());
  if (filter == TarWriter::Filter::zstd) archive_write_add_filter_zstd(out.get());
  archive_write_set_bytes_in_last_block(out.get(), 1);
  archive_write_open_fd(out.get(), file.get());
  std::unique_ptr<archive_entry, decltype(&archive_entry_free)> const entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_write_header(out.get(), entry.get());
  archive_write_data(out.get(), bytes.data(), bytes.size());
  archive_write_close(out.get());
  std::string all(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  if (::pread(file.get(), all.data(), all.size(), 0) < 0) std::abort();
  return all;
}

struct OciImage {
  struct Layer {
    std::string tar;
    TarWriter::Filter filter = TarWriter::Filter::gzip;
  };
  std::vector<Layer> layers;
  json::object config = {};  // its "config" member
  std::string architecture = "amd64";
  bool wrong_diff_id = false;
  bool wrong_layer_byte = false;  // the blob is not what its digest says
  bool nested_index = false;
  bool drop_layer = false;
  std::vector<std::pair<std::string, std::string>> extra_blobs = {};

  // The archive as an OCI layout in a tar.
  std::string archive() const {
    std::vector<std::pair<std::string, std::string>> files = extra_blobs;
    json::array diff_ids;
    json::array described;
    for (auto const& layer : layers) {
      auto blob = compressed(layer.tar, layer.filter);
      auto const digest = "sha256:" + sha256_hex(blob);
      diff_ids.emplace_back("sha256:" + (wrong_diff_id ? std::string(64, 'a') : sha256_hex(layer.tar)));
      described.push_back(json::object{
          {"mediaType", "application/vnd.oci.image.layer.v1.tar"}, {"digest", digest}, {"size", blob.size()}});
      if (wrong_layer_byte) blob += "x";
      if (!drop_layer) files.emplace_back("blobs/sha256/" + digest.substr(7), blob);
    }
    auto add = [&](json::value const& document) {
      auto const text = json::serialize(document);
      files.emplace_back("blobs/sha256/" + sha256_hex(text), text);
      return json::object{{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                          {"digest", "sha256:" + sha256_hex(text)},
                          {"size", text.size()}};
    };
    auto const configured = add(json::object{{"architecture", architecture},
                                             {"os", "linux"},
                                             {"config", config},
                                             {"rootfs", json::object{{"type", "layers"}, {"diff_ids", diff_ids}}}});
    auto manifest = add(json::object{{"schemaVersion", 2}, {"config", configured}, {"layers", described}});
    manifest["platform"] = json::object{{"os", "linux"}, {"architecture", architecture}};
    json::object other = manifest;
    other["platform"] = json::object{{"os", "linux"}, {"architecture", "riscv64"}};
    json::object index{{"schemaVersion", 2}, {"manifests", json::array{other, manifest}}};
    if (nested_index) {
      auto inner = add(index);
      inner["mediaType"] = "application/vnd.oci.image.index.v1+json";
      index = json::object{{"schemaVersion", 2}, {"manifests", json::array{inner}}};
    }
    TarWriter tar;
    tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    for (auto const& [name, content] : files) tar.file(name, content);
    tar.file("index.json", json::serialize(index));
    return tar.bytes();
  }

  // The same image as `docker save` of old wrote it.
  std::string docker_archive() const {
    json::array diff_ids;
    json::array names;
    TarWriter tar;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      diff_ids.emplace_back("sha256:" + sha256_hex(layers[i].tar));
      names.emplace_back(std::to_string(i) + "/layer.tar");
      tar.file(std::to_string(i) + "/layer.tar", layers[i].tar);
    }
    auto const text =
        json::serialize(json::object{{"architecture", architecture},
                                     {"os", "linux"},
                                     {"config", config},
                                     {"rootfs", json::object{{"type", "layers"}, {"diff_ids", diff_ids}}}});
    tar.file(sha256_hex(text) + ".json", text);
    tar.file("manifest.json",
             json::serialize(json::array{json::object{{"Config", sha256_hex(text) + ".json"}, {"Layers", names}}}));
    return tar.bytes();
  }
};

inline Descriptor file_with(std::string_view bytes) {
  Descriptor file(::memfd_create("archive", MFD_CLOEXEC));
  if (::pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return file;
}

}  // namespace berth::support
