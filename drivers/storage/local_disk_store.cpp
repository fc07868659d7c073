#include "drivers/storage/local_disk_store.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "drivers/contract/checks.hpp"
#include "drivers/storage/copies.hpp"
#include "drivers/storage/disks.hpp"
#include "drivers/storage/records.hpp"
#include "firmware/base/digest.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::storage {

using contract::CreateDisk;
using contract::GuestId;
using contract::GuestKind;
using contract::ImageFacts;
using contract::ImageName;
using contract::ImportImage;

namespace {

namespace fs = std::filesystem;

constexpr char vm_disk[] = "disk.qcow2";
constexpr char container_disk[] = "disk.ext4";
constexpr std::size_t config_bytes_max = 4 << 20;
constexpr std::uint64_t container_disk_bytes_min =
    16 << 20;                                // an image tree is shared: a container's disk holds only what differs
constexpr std::uint64_t sector_bytes = 512;  // qcow2 and loop devices count in these

// A folder under state/work that goes with this object, whatever became of it.
class WorkFolder {
 public:
  static Result<WorkFolder> make(fs::path const& state, std::string_view purpose) {
    auto path = state / "work" / (std::string(purpose) + "-" + random_token(9));
    TRY(ensure_directory(path, 0700));
    return WorkFolder(std::move(path));
  }
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder() {
    if (path_.empty()) return;
    std::error_code error;
    fs::remove_all(path_, error);
    if (error)
      log(LogLevel::warning, "storage", "a work folder stays behind until the next start",
          {{"folder", path_.string()}, {"error", error.message()}});
  }
  fs::path const& path() const { return path_; }

 private:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

ImageFacts facts_of(ImageRecord const& record) {
  return {record.image.str(), record.kind, static_cast<std::uint64_t>(record.stored_bytes.value),
          static_cast<std::uint64_t>(record.virtual_bytes.value)};
}

Result<void> move_file(fs::path const& from, fs::path const& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno(errno, "move to " + to.string());
  return {};
}

Result<void> remove_file(fs::path const& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove " + path.string());
  return {};
}

bool is_there(fs::path const& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// QEMU reads images as the base of overlays; nobody else has a reason to.
Result<void> let_qemu_read(int image) {
  std::array<char, 4096> buffer{};
  group entry{};
  group* found = nullptr;
  (void)::getgrnam_r("libvirt-qemu", &entry, buffer.data(), buffer.size(), &found);
  if (::fchown(image, 0, found == nullptr ? 0 : found->gr_gid) != 0 ||
      ::fchmod(image, found == nullptr ? 0600 : 0640) != 0)
    return fail_errno(errno, "set the permissions of an image");
  return {};
}

Result<void> must_be_regular(int file) {
  struct stat facts{};
  if (::fstat(file, &facts) != 0) return fail_errno(errno, "look at the image file");
  if (!S_ISREG(facts.st_mode))
    return fail(ErrorCode::invalid_argument, "image-not-a-file", "the image must come as a regular file");
  return {};
}

template <class Record>
Result<void> write_record(fs::path const& path, Record const& record) {
  return replace_file(path, write_json(record), 0600);
}

std::uint64_t stored_bytes(fs::path const& file) {
  struct stat facts{};
  return ::stat(file.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_blocks) * 512 : 0;
}

}  // namespace

LocalDiskStore::LocalDiskStore(Opened, contract::Directories directories, fs::path sandbox_program, bool reflink)
    : directories_(std::move(directories)), sandbox_(std::move(sandbox_program)), reflink_(reflink) {}

fs::path LocalDiskStore::image_folder(ImageName const& image) const {
  return directories_.state / "images" / image.str();
}
fs::path LocalDiskStore::guest_folder(GuestId const& guest) const {
  return directories_.state / "guests" / guest.str();
}

Result<std::unique_ptr<LocalDiskStore>> LocalDiskStore::open(contract::Directories directories,
                                                             fs::path sandbox_program) {
  std::error_code error;
  fs::create_directories(directories.state, error);
  // QEMU's user passes through these to the files it was given; nobody can list them.
  for (auto const& folder : {directories.state, directories.state / "images", directories.state / "guests"})
    TRY(ensure_directory(folder, 0711));
  auto const work = directories.state / "work";
  fs::remove_all(work, error);
  TRY(ensure_directory(work, 0700));
  bool const reflink = can_reflink(work);
  return std::make_unique<LocalDiskStore>(Opened{}, std::move(directories), std::move(sandbox_program), reflink);
}

Result<ImageFacts> LocalDiskStore::import_image(ImportImage const& wish, Descriptor file) {
  TRY(contract::check(wish));
  if ((wish.kind == GuestKind::vm) != (wish.format == contract::ImageFormat::qcow2))
    return fail_field("/format", "does not fit the kind of guest");
  std::lock_guard const turn(imports_);
  auto const known = read_record<ImageRecord>(image_folder(wish.image) / "facts.json");
  if (known) {
    if (known->sha256 != wish.sha256 || known->kind != wish.kind)
      return fail(ErrorCode::conflict, "image-differs", "An image of that name with another content is here already.");
    return facts_of(*known);
  }
  if (known.error().code != ErrorCode::not_found) return std::unexpected(known.error());
  auto imported = import_new(wish, file.get());
  if (!imported) return std::unexpected(std::move(imported).error().in("import the image " + wish.image.str()));
  return imported;
}

Result<ImageFacts> LocalDiskStore::import_new(ImportImage const& wish, int file) {
  TRY(must_be_regular(file));
  auto const work = TRY(WorkFolder::make(directories_.state, "import"));
  auto const folder = work.path() / "image";
  bool const vm = wish.kind == GuestKind::vm;
  TRY(ensure_directory(folder, vm ? 0711 : 0700));
  // Our own copy: what was digested is what is read, whoever still holds the file.
  auto const copy = TRY(copy_file(file, vm ? folder / "image.qcow2" : work.path() / "archive"));
  if (TRY(digest_file(copy.get())).sha256 != wish.sha256.str())
    return fail(ErrorCode::corrupt, "image-digest", "The image file differs from its digest.");

  ImageRecord record{wish.image, wish.kind, wish.sha256, {}, {}};
  if (vm) {
    auto const facts = TRY(sandbox_.inspect_disk(copy.get()));
    TRY(let_qemu_read(copy.get()));
    record.virtual_bytes.value = static_cast<std::int64_t>(facts.virtual_bytes);
    record.stored_bytes.value = static_cast<std::int64_t>(stored_bytes(folder / "image.qcow2"));
  } else {
    TRY(ensure_directory(folder / "tree", 0755));
    auto const image = TRY(sandbox_.unpack_oci(copy.get(), folder / "tree", {}));
    TRY(replace_file(folder / "config.json", json::serialize(image.config), 0600));
    record.virtual_bytes.value = container_disk_bytes_min;
    record.stored_bytes.value = static_cast<std::int64_t>(image.bytes);
  }
  TRY(write_record(folder / "facts.json", record));
  if (::syncfs(copy.get()) != 0) return fail_errno(errno, "sync the image");
  TRY(move_file(folder, image_folder(wish.image)));
  TRY(sync_directory(directories_.state / "images"));
  return facts_of(record);
}

Result<std::vector<ImageFacts>> LocalDiskStore::images() {
  std::vector<ImageFacts> all;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(directories_.state / "images", error)) {
    auto const record = read_record<ImageRecord>(entry.path() / "facts.json");
    if (record)
      all.push_back(facts_of(*record));
    else if (record.error().code != ErrorCode::not_found)
      log(LogLevel::warning, "storage", "an image's facts do not read",
          {{"image", entry.path().filename().string()}, {"error", describe(record.error())}});
  }
  if (error) return fail(ErrorCode::io, "io-error", "list the images: " + error.message());
  return all;
}

Result<void> LocalDiskStore::remove_image(ImageName const& image) {
  TRY(contract::check_image_name(image));
  std::scoped_lock const turn(imports_, changes_);
  if (!is_there(image_folder(image))) return {};
  std::error_code error;
  for (auto const& guest : fs::directory_iterator(directories_.state / "guests", error)) {
    auto const disk = read_record<DiskRecord>(guest.path() / "disk.json");
    if (disk && disk->image == image)
      return fail(ErrorCode::conflict, "image-in-use", "A guest's disk depends on this image.");
    if (!disk && disk.error().code != ErrorCode::not_found) return std::unexpected(disk.error());
  }
  if (error) return fail(ErrorCode::io, "io-error", "list the guests: " + error.message());
  auto const work = TRY(WorkFolder::make(directories_.state, "remove"));
  TRY(move_file(image_folder(image), work.path() / "image"));
  return sync_directory(directories_.state / "images");
}

Result<void> LocalDiskStore::create_disk(CreateDisk const& wish) {
  TRY(contract::check(wish));
  auto const size = static_cast<std::uint64_t>(wish.size_bytes.value);
  if (size % sector_bytes != 0) return fail_field("/size_bytes", "must be a multiple of 512");
  std::lock_guard const turn(changes_);
  auto const folder = guest_folder(wish.guest);
  auto const name = wish.kind == GuestKind::vm ? vm_disk : container_disk;
  auto const known = read_record<DiskRecord>(folder / "disk.json");
  if (known &&
      (is_there(folder / vm_disk) || is_there(folder / container_disk))) {  // a record alone: a deletion cut short
    if (known->size_bytes.value == wish.size_bytes.value && known->kind == wish.kind && known->image == wish.image)
      return {};
    return fail(ErrorCode::conflict, "disk-differs", "This guest has a disk of another size or image already.");
  }
  if (!known && known.error().code != ErrorCode::not_found) return std::unexpected(known.error());
  auto const image = read_record<ImageRecord>(image_folder(wish.image) / "facts.json");
  if (!image && image.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "image-unknown", "There is no such image on this machine.");
  if (!image) return std::unexpected(image.error());
  if (image->kind != wish.kind) return fail_field("/kind", "does not fit the image");
  if (size < static_cast<std::uint64_t>(image->virtual_bytes.value))
    return fail_field("/size_bytes", "is smaller than the image");

  auto const work = TRY(WorkFolder::make(directories_.state, "disk"));
  auto const made = work.path() / name;
  auto const base = image_folder(wish.image) / "image.qcow2";
  if (wish.kind == GuestKind::container) {
    TRY(ensure_directory(work.path() / "content", 0755));
    TRY(make_container_disk(work.path() / "content", made, size));
  } else if (reflink_) {
    TRY(make_cloned_vm_disk(sandbox_, base, made, size));
  } else {
    TRY(make_overlay_vm_disk(base, folder, made, size));
  }
  TRY(ensure_directory(folder, 0711));
  TRY(move_file(made, folder / name));
  return write_record(folder / "disk.json", DiskRecord{wish.image, wish.kind, wish.size_bytes});
}

Result<void> LocalDiskStore::delete_disk(GuestId const& guest) {
  TRY(contract::check(guest));
  std::lock_guard const turn(changes_);
  auto const folder = guest_folder(guest);
  for (auto const* name : {vm_disk, container_disk})
    if (in_use(folder / name)) return fail(ErrorCode::conflict, "disk-in-use", "The guest's disk is in use.");
  // The record goes last: until then the image stays in use, and a repeated call ends what this one began.
  for (auto const* name : {vm_disk, container_disk, "disk.json"}) TRY(remove_file(folder / name));
  if (::rmdir(folder.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY)
    return fail_errno(errno, "remove " + folder.string());
  return sync_directory(directories_.state / "guests");
}

Result<fs::path> LocalDiskStore::disk_path(GuestId const& guest) {
  TRY(contract::check(guest));
  for (auto const* name : {vm_disk, container_disk})
    if (auto path = guest_folder(guest) / name; is_there(path)) return path;
  return fail(ErrorCode::not_found, "disk-missing", "The guest has no disk.");
}

Result<fs::path> LocalDiskStore::image_tree(ImageName const& image) {
  TRY(contract::check_image_name(image));
  auto tree = image_folder(image) / "tree";
  if (!is_there(tree))
    return fail(ErrorCode::not_found, "image-unknown", "There is no such container image on this machine.");
  return tree;
}

Result<json::value> LocalDiskStore::image_config(ImageName const& image) {
  TRY(contract::check_image_name(image));
  return parse_json(TRY(read_file(image_folder(image) / "config.json", config_bytes_max)));
}

Result<std::uint64_t> LocalDiskStore::disk_allocated_bytes(GuestId const& guest) {
  return stored_bytes(TRY(disk_path(guest)));
}

}  // namespace berth::storage
