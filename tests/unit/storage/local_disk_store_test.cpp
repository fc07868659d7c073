// Images and disks on real file systems, one that shares blocks (XFS) and one that does not (ext4). Needs root.
#include "drivers/storage/local_disk_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "drivers/kernel/loop_device.hpp"
#include "drivers/kernel/mounts.hpp"
#include "firmware/base/digest.hpp"
#include "firmware/base/process.hpp"
#include "tests/support/mounted_file_system.hpp"
#include "tests/support/oci_image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::storage {
namespace {

namespace fs = std::filesystem;
using contract::CreateDisk;
using contract::GuestId;
using contract::GuestKind;
using contract::ImageName;
using contract::ImportImage;
using support::OciImage;
using support::TarWriter;

constexpr std::uint64_t mib = 1 << 20;

GuestId guest(int number) {
  return *GuestId::parse("00000000-0000-7000-8000-" + std::to_string(100000000000 + number));
}
ImageName image(std::string const& name) {
  return *ImageName::parse(name);
}

class DiskStoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    mounted_.emplace(folder_.path(), GetParam(), 320 * mib);
    reopen();
  }
  void reopen() {
    auto opened = LocalDiskStore::open({state(), folder_.path() / "runtime"}, SANDBOX_PROGRAM);
    ASSERT_TRUE(opened.has_value()) << describe(opened.error());
    store_ = *std::move(opened);
  }
  fs::path state() const { return mounted_->path() / "state"; }
  std::vector<std::string> files_below(fs::path const& folder) const {
    std::vector<std::string> names;
    for (auto const& entry : fs::recursive_directory_iterator(folder))
      names.push_back(fs::relative(entry.path(), folder).string());
    return names;
  }

  Result<contract::ImageFacts> import(std::string const& name, GuestKind kind, Descriptor file,
                                      std::string digest = {}) {
    ImportImage wish{image(name),
                     kind,
                     kind == GuestKind::vm ? contract::ImageFormat::qcow2 : contract::ImageFormat::oci_archive,
                     {}};
    wish.sha256 = *contract::Digest::parse(digest.empty() ? digest_file(file.get())->sha256 : digest);
    return store_->import_image(wish, std::move(file));
  }
  Result<contract::ImageFacts> import_vm(std::string const& name, std::string const& pattern = "0xa5") {
    auto const path = folder_.path() / "new.qcow2";
    fs::remove(path);
    EXPECT_TRUE(run_checked({"qemu-img", "create", "-q", "-f", "qcow2", path.string(), "64M"}).has_value());
    EXPECT_TRUE(
        run_checked({"qemu-io", "-f", "qcow2", "-c", "write -P " + pattern + " 0 1M", path.string()}).has_value());
    return import(name, GuestKind::vm, Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  }
  static std::string container_archive(std::string const& content = "hello") {
    TarWriter layer;
    layer.file("etc/greeting", content).directory("home/user", 0700, {1000, 1000});
    return OciImage{{{layer.bytes()}}, {{"Cmd", json::array{"/x"}}}}.archive();
  }
  CreateDisk disk(int number, GuestKind kind, std::string const& from, std::uint64_t bytes) const {
    CreateDisk wish{guest(number), kind, image(from), {}};
    wish.size_bytes.value = static_cast<std::int64_t>(bytes);
    return wish;
  }
  json::value qemu_info(fs::path const& path) {
    return *parse_json(*run_checked({"qemu-img", "info", "--output=json", "-U", path.string()}));
  }

  support::TemporaryFolder folder_;
  std::optional<support::MountedFileSystem> mounted_;
  std::unique_ptr<LocalDiskStore> store_;
};

TEST_P(DiskStoreTest, KnowsWhetherItCanReflink) {
  EXPECT_EQ(store_->reflink(), GetParam() == "xfs");
}

TEST_P(DiskStoreTest, ImportsOnceAndKeepsIt) {
  auto const facts = import_vm("debian");
  ASSERT_TRUE(facts.has_value()) << describe(facts.error());
  EXPECT_EQ(facts->virtual_bytes, 64 * mib);
  EXPECT_GE(facts->stored_bytes, mib);
  EXPECT_TRUE(import_vm("debian").has_value()) << "the same again";
  EXPECT_EQ(import_vm("debian", "0x11").error().code, ErrorCode::conflict);
  reopen();
  ASSERT_EQ(store_->images()->size(), 1U);
  EXPECT_EQ(store_->images()->front().image, "debian");
}

TEST_P(DiskStoreTest, ARefusedImportLeavesNothing) {
  auto const before = files_below(state());
  EXPECT_EQ(
      import("a", GuestKind::container, support::file_with(container_archive()), std::string(64, '0')).error().code,
      ErrorCode::corrupt);
  EXPECT_EQ(import("a", GuestKind::container, support::file_with("rubbish")).error().code, ErrorCode::corrupt);
  EXPECT_EQ(import("a", GuestKind::vm, support::file_with("rubbish")).error().code, ErrorCode::corrupt);
  OciImage const hostile{{{TarWriter().file("../../x", "1").bytes()}}, {}};
  EXPECT_EQ(import("a", GuestKind::container, support::file_with(hostile.archive())).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(files_below(state()), before);
  EXPECT_TRUE(store_->images()->empty());
}

TEST_P(DiskStoreTest, AFullDiskIsSaidSo) {
  TarWriter layer;
  std::string noise(180 * mib, '\0');
  fill_random({reinterpret_cast<unsigned char*>(noise.data()), noise.size()});
  layer.file("a", noise);
  auto const archive = OciImage{{{layer.bytes(), TarWriter::Filter::none}}, {}}.archive();
  auto const before = files_below(state());
  auto const full = import("large", GuestKind::container, support::file_with(archive));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, ErrorCode::exhausted) << describe(full.error());
  EXPECT_EQ(files_below(state()), before);
}

TEST_P(DiskStoreTest, AStartCleansWhatACrashLeft) {
  fs::create_directories(state() / "work" / "import-x" / "image" / "tree");
  std::ofstream(state() / "work" / "import-x" / "image" / "tree" / "file") << "1";
  reopen();
  EXPECT_TRUE(fs::is_empty(state() / "work"));
}

TEST_P(DiskStoreTest, AVmDiskHoldsItsImage) {
  ASSERT_TRUE(import_vm("debian").has_value());
  auto const wish = disk(1, GuestKind::vm, "debian", 1024 * mib);
  auto const made = store_->create_disk(wish);
  ASSERT_TRUE(made.has_value()) << describe(made.error());
  auto const path = *store_->disk_path(guest(1));
  EXPECT_EQ(path.filename(), "disk.qcow2");
  auto const info = qemu_info(path);
  EXPECT_EQ(info.at("virtual-size").as_int64(), static_cast<std::int64_t>(1024 * mib));
  EXPECT_EQ(info.at("format-specific").at("data").at("compat"), "1.1");
  EXPECT_EQ(info.as_object().contains("backing-filename"), !store_->reflink());
  if (!store_->reflink()) {
    EXPECT_EQ(info.at("backing-filename-format"), "qcow2");
  }
  EXPECT_TRUE(run_checked({"qemu-io", "-f", "qcow2", "-c", "read -P 0xa5 0 1M", "-c", "read -P 0 1M 1M", "-c",
                           "read -P 0 1000M 1M", path.string()})
                  .has_value());
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
  EXPECT_EQ(facts.st_uid, 0U);

  EXPECT_TRUE(store_->create_disk(wish).has_value()) << "the same again";
  EXPECT_EQ(store_->create_disk(disk(1, GuestKind::vm, "debian", 2048 * mib)).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->create_disk(disk(2, GuestKind::vm, "debian", 32 * mib)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store_->create_disk(disk(2, GuestKind::vm, "nothing", 64 * mib)).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->create_disk(disk(2, GuestKind::container, "debian", 64 * mib)).error().code,
            ErrorCode::invalid_argument);
}

TEST_P(DiskStoreTest, WritingToOneDiskTouchesNoOther) {
  ASSERT_TRUE(import_vm("debian").has_value());
  ASSERT_TRUE(store_->create_disk(disk(1, GuestKind::vm, "debian", 64 * mib)).has_value());
  ASSERT_TRUE(store_->create_disk(disk(2, GuestKind::vm, "debian", 64 * mib)).has_value());
  ASSERT_TRUE(run_checked({"qemu-io", "-f", "qcow2", "-c", "write -P 0x77 0 2M", store_->disk_path(guest(1))->string()})
                  .has_value());
  EXPECT_TRUE(run_checked({"qemu-io", "-f", "qcow2", "-c", "read -P 0xa5 0 1M", store_->disk_path(guest(2))->string()})
                  .has_value());
  ASSERT_TRUE(store_->delete_disk(guest(1)).has_value());
  // What guest 1 wrote is in no later guest's disk.
  ASSERT_TRUE(store_->create_disk(disk(3, GuestKind::vm, "debian", 64 * mib)).has_value());
  EXPECT_TRUE(run_checked({"qemu-io", "-f", "qcow2", "-c", "read -P 0xa5 0 1M", "-c", "read -P 0 1M 63M",
                           store_->disk_path(guest(3))->string()})
                  .has_value());
}

TEST_P(DiskStoreTest, AContainerImageIsATreeAndAConfig) {
  auto const facts = import("tiny", GuestKind::container, support::file_with(container_archive()));
  ASSERT_TRUE(facts.has_value()) << describe(facts.error());
  auto const tree = *store_->image_tree(image("tiny"));
  std::ifstream in(tree / "etc/greeting");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "hello");
  struct stat owner{};
  ASSERT_EQ(::stat((tree / "home/user").c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 1000U);
  EXPECT_EQ(store_->image_config(image("tiny"))->at("config").at("Cmd").at(0), "/x");
  EXPECT_EQ(store_->image_tree(image("none")).error().code, ErrorCode::not_found);
}

TEST_P(DiskStoreTest, AContainerDiskIsASparseFileSystem) {
  ASSERT_TRUE(import("tiny", GuestKind::container, support::file_with(container_archive())).has_value());
  auto const made = store_->create_disk(disk(1, GuestKind::container, "tiny", 256 * mib));
  ASSERT_TRUE(made.has_value()) << describe(made.error());
  auto const path = *store_->disk_path(guest(1));
  EXPECT_EQ(fs::file_size(path), 256 * mib);
  EXPECT_LT(*store_->disk_allocated_bytes(guest(1)), 16 * mib);
  {
    auto const loop = kernel::attach_loop(path);
    ASSERT_TRUE(loop.has_value());
    EXPECT_EQ(kernel::loops_of(path), std::vector{loop->path});
    auto const mount = kernel::mount_ext4(loop->path);
    ASSERT_TRUE(mount.has_value()) << describe(mount.error());
    struct stat facts{};
    EXPECT_EQ(::fstatat(mount->get(), "upper", &facts, 0), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0755U);
    EXPECT_EQ(::fstatat(mount->get(), "work", &facts, 0), 0);
    EXPECT_EQ(store_->delete_disk(guest(1)).error().code, ErrorCode::conflict) << "it is in use";
  }
  EXPECT_TRUE(store_->create_disk(disk(2, GuestKind::container, "tiny", 16 * mib)).has_value()) << "the smallest";
}

TEST_P(DiskStoreTest, DependentsKeepAnImage) {
  ASSERT_TRUE(import("tiny", GuestKind::container, support::file_with(container_archive())).has_value());
  auto const before = files_below(state());
  ASSERT_TRUE(store_->create_disk(disk(1, GuestKind::container, "tiny", 64 * mib)).has_value());
  EXPECT_EQ(store_->remove_image(image("tiny")).error().code, ErrorCode::conflict);
  ASSERT_TRUE(store_->delete_disk(guest(1)).has_value());
  EXPECT_EQ(files_below(state()), before) << "deleting leaves nothing";
  EXPECT_TRUE(store_->delete_disk(guest(1)).has_value()) << "again";
  EXPECT_EQ(store_->disk_path(guest(1)).error().code, ErrorCode::not_found);
  ASSERT_TRUE(store_->remove_image(image("tiny")).has_value());
  EXPECT_TRUE(store_->remove_image(image("tiny")).has_value()) << "again";
  EXPECT_TRUE(fs::is_empty(state() / "images"));
}

TEST_P(DiskStoreTest, ADeletionThatACrashCutShortIsNoDisk) {
  ASSERT_TRUE(import("tiny", GuestKind::container, support::file_with(container_archive())).has_value());
  ASSERT_TRUE(store_->create_disk(disk(1, GuestKind::container, "tiny", 64 * mib)).has_value());
  fs::remove(*store_->disk_path(guest(1)));
  ASSERT_TRUE(store_->create_disk(disk(1, GuestKind::container, "tiny", 128 * mib)).has_value());
  EXPECT_EQ(fs::file_size(*store_->disk_path(guest(1))), 128 * mib);
}

TEST_P(DiskStoreTest, NamesAreChecked) {
  EXPECT_EQ(store_->disk_path(*GuestId::parse("../../../../../../../../etc/shadow..")).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(store_->image_tree(image("../x")).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store_->remove_image(image("..")).error().code, ErrorCode::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(FileSystems, DiskStoreTest, testing::Values("ext4", "xfs"),
                         [](auto const& info) { return info.param; });

}  // namespace
}  // namespace berth::storage
