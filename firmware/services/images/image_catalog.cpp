#include "firmware/services/images/image_catalog.hpp"

#include <algorithm>
#include <fstream>

#include "drivers/contract/types.hpp"
#include "firmware/base/json_reply.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/text.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::images {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t description_bytes_max = 64 * 1024;

// image.json, see provisioning/images/README.md. What it says beyond this is for others.
struct Description {
  std::string name;
  std::string title;
  std::string kind;
  std::string file;
  std::string format;
  std::string sha256;
  std::string os;
  std::string version;
  std::string login;
  std::uint64_t size_bytes = 0;
  std::uint64_t min_disk_bytes = 0;
  std::uint64_t min_memory_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(Description, (),
                      (name, title, kind, file, format, sha256, os, version, login, size_bytes, min_disk_bytes,
                       min_memory_bytes))

std::unexpected<Error> unusable(std::string reason) {
  return fail(ErrorCode::invalid_argument, "image-description", std::move(reason));
}

Result<Description> read_description(fs::path const& path) {
  std::error_code failed;
  if (auto const size = fs::file_size(path, failed); failed || size > description_bytes_max)
    return unusable("it is missing or too large");
  std::ifstream in(path, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  return from_reply<Description>(TRY(parse_json(text)));
}

Result<store::Image> image_from(Description const& d, fs::path const& folder) {
  store::Image image;
  if (!contract::is_image_name(d.name)) return unusable("its name is not made of a-z, 0-9, '-' and '.'");
  if (!contract::is_digest(d.sha256)) return unusable("its sha256 is not 64 hexadecimal digits");
  for (auto const& text : {d.title, d.os, d.version})
    if (why_not_text(text, 1, 200, TextRule::line)) return unusable("its title, os or version is not a short line");
  if (why_not_text(d.login, 0, 64, TextRule::line)) return unusable("its login is not a short line");
  // The file stands beside its description: a path would lead elsewhere.
  if (d.file.empty() || d.file.contains('/') || d.file.starts_with('.'))
    return unusable("its file is not a plain name");
  if (d.kind != "vm" && d.kind != "container") return unusable("its kind is neither vm nor container");
  if (d.format != "qcow2" && d.format != "oci-archive") return unusable("its format is neither qcow2 nor oci-archive");
  image.kind = d.kind == "vm" ? store::ServerKind::vm : store::ServerKind::container;
  image.format = d.format == "qcow2" ? store::ImageFormat::qcow2 : store::ImageFormat::oci_archive;
  if ((image.kind == store::ServerKind::vm) != (image.format == store::ImageFormat::qcow2))
    return unusable("its kind and format do not go together");
  image.name = d.name;
  image.title = d.title;
  image.os = d.os;
  image.version = d.version;
  image.login = d.login;
  image.sha256 = d.sha256;
  image.source = (folder / d.file).string();
  image.size = Bytes{d.size_bytes};
  image.min_disk = Bytes{d.min_disk_bytes};
  image.min_memory = Bytes{d.min_memory_bytes};
  return image;
}

Result<bool> begin_import(store::Transaction& tx, ImageId const& id, std::string const& name) {
  TRY(tx.jobs.enqueue(jobs::ImageImport{id, name}));
  return true;
}

// True when an import was enqueued.
Result<bool> register_image(store::Transaction& tx, store::Image image) {
  auto known = tx.images.find(image.name);
  if (!known && known.error().code != ErrorCode::not_found) return std::unexpected(known.error());
  if (known && known->sha256 == image.sha256) {
    image.id = known->id;
    TRY(tx.images.describe(image));
    if (known->state != store::ImageState::failed) return false;
    TRY(tx.images.set_state(image.id, store::ImageState::importing, ""));
    return begin_import(tx, image.id, image.name);
  }
  if (known) TRY(tx.images.supersede(known->id));
  image.id = ImageId::fresh();
  image.node = TRY(tx.nodes.local()).id;
  TRY(tx.images.add(image));
  TRY(tx.events.add(events::ImageRegistered{image.id, image.name}));
  return begin_import(tx, image.id, image.name);
}

}  // namespace

Result<std::vector<store::Image>> list_images(Call& call, Granted<access::System> const&) {
  return call.read([](store::Snapshot& s) { return s.images.all(); });
}

Result<int> register_starter_images(Call& call, Granted<access::System> const&, fs::path const& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (auto const& entry : fs::directory_iterator(folder, failed))
    if (fs::exists(entry.path() / "image.json", failed)) found.push_back(entry.path());
  std::ranges::sort(found);
  int imports = 0;
  for (auto const& path : found) {
    auto const description = read_description(path / "image.json");
    auto image = description ? image_from(*description, path) : std::unexpected(description.error());
    if (!image) {
      log(LogLevel::warning, "images", "an image's description is of no use",
          {{"folder", path.string()}, {"reason", describe(image.error())}});
      continue;
    }
    if (TRY(call.write([&](store::Transaction& tx) { return register_image(tx, *std::move(image)); }))) ++imports;
  }
  return imports;
}

}  // namespace berth::images
