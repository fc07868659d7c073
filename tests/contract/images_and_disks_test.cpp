// Images and disks: what engine.hpp promises of import_image, images, remove_image, create_disk and delete_disk.
#include <sys/stat.h>

#include "firmware/base/random.hpp"
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

using std::operator""sv;

ImportImage wish_for(std::string_view bytes, std::string_view name) {
  return {made<ImageName>(name), GuestKind::container, ImageFormat::oci_archive, made<Digest>(sha256_hex(bytes))};
}

TEST_P(EngineContract, AnImageIsImportedOnceAndListed) {
  for (auto kind : both_kinds) {
    auto const& image = subject().image(kind);
    auto const first = engine().import_image(image.wish, open_file(image.path));
    ASSERT_TRUE(ok(first));
    EXPECT_EQ(first->image, image.wish.image.str());
    EXPECT_EQ(first->kind, kind);
    EXPECT_GT(first->stored_bytes, 0U);
    EXPECT_GT(first->virtual_bytes, 0U);
    auto const again = engine().import_image(image.wish, open_file(image.path));
    ASSERT_TRUE(ok(again));
    EXPECT_EQ(to_json(*again), to_json(*first));
    auto const all = engine().images();
    ASSERT_TRUE(ok(all));
    EXPECT_EQ(std::ranges::count(*all, image.wish.image.str(), &ImageFacts::image), 1);
  }
}

TEST_P(EngineContract, AnImageIsReadFromItsBeginning) {
  auto const& image = subject().image(GuestKind::container);
  auto file = open_file(image.path);
  ASSERT_EQ(::lseek(file.get(), 100, SEEK_SET), 100);
  EXPECT_TRUE(ok(engine().import_image(image.wish, std::move(file))));
}

TEST_P(EngineContract, AnImageWithAnotherDigestIsCorruptAndLeavesNothing) {
  auto wish = subject().image(GuestKind::container).wish;
  EXPECT_EQ(code_of(engine().import_image(wish, file_of("something else"))), ErrorCode::corrupt);
  EXPECT_TRUE(engine().images().value().empty());
}

TEST_P(EngineContract, AnImageThatIsNoneIsCorrupt) {
  if (!subject().inspects_images()) GTEST_SKIP() << "this engine does not look inside";
  EXPECT_EQ(code_of(engine().import_image(wish_for("no archive at all", "rubbish"), file_of("no archive at all"))),
            ErrorCode::corrupt);
  auto wish = wish_for("no disk at all", "rubbish");
  wish.kind = GuestKind::vm;
  wish.format = ImageFormat::qcow2;
  EXPECT_EQ(code_of(engine().import_image(wish, file_of("no disk at all"))), ErrorCode::corrupt);
  EXPECT_TRUE(engine().images().value().empty());
}

TEST_P(EngineContract, ANameKeepsItsImage) {
  import(GuestKind::container);
  auto wish = wish_for("other", subject().image(GuestKind::container).wish.image);
  EXPECT_EQ(code_of(engine().import_image(wish, file_of("other"))), ErrorCode::conflict);
}

TEST_P(EngineContract, AnImportSaysWhichFieldIsBad) {
  auto const good = subject().image(GuestKind::container).wish;
  auto bad = good;
  bad.image = made<ImageName>("../up");
  EXPECT_EQ(bad_field(engine().import_image(bad, file_of("x"))), "/image");
  bad = good;
  bad.sha256 = made<Digest>(std::string(64, 'G'));
  EXPECT_EQ(bad_field(engine().import_image(bad, file_of("x"))), "/sha256");
  bad = good;
  bad.format = ImageFormat::qcow2;
  EXPECT_EQ(bad_field(engine().import_image(bad, file_of("x"))), "/format");
  EXPECT_EQ(bad_field(engine().remove_image(made<ImageName>("a/b"))), "/image");
}

TEST_P(EngineContract, AnImageGoesWhenNoDiskDependsOnIt) {
  for (auto kind : both_kinds) {
    give_disk(1, kind);
    auto const name = subject().image(kind).wish.image;
    EXPECT_EQ(code_of(engine().remove_image(name)), ErrorCode::conflict);
    ASSERT_TRUE(ok(engine().delete_disk(guest_id(1))));
    EXPECT_TRUE(ok(engine().remove_image(name)));
    EXPECT_TRUE(ok(engine().remove_image(name))) << "absent is success";
    EXPECT_TRUE(engine().images().value().empty());
  }
}

TEST_P(EngineContract, ADiskIsMadeOnceAndKeepsItsSize) {
  for (auto kind : both_kinds) {
    give_disk(1, kind);
    CreateDisk wish{guest_id(1), kind, subject().image(kind).wish.image, {subject().image(kind).disk_bytes}};
    EXPECT_TRUE(ok(engine().create_disk(wish)));
    wish.size_bytes.value += 16 * 1024 * 1024;
    EXPECT_EQ(code_of(engine().create_disk(wish)), ErrorCode::conflict);
    EXPECT_TRUE(ok(engine().delete_disk(guest_id(1))));
    EXPECT_TRUE(ok(engine().delete_disk(guest_id(1)))) << "absent is success";
    EXPECT_TRUE(ok(engine().create_disk(wish))) << "the other size, now that it is free";
    EXPECT_TRUE(ok(engine().delete_disk(guest_id(1))));
  }
}

TEST_P(EngineContract, ADiskNeedsItsImageAndRoomForIt) {
  CreateDisk wish{guest_id(1), GuestKind::vm, made<ImageName>("unknown"), {std::int64_t{1} << 30}};
  EXPECT_EQ(code_of(engine().create_disk(wish)), ErrorCode::not_found);
  import(GuestKind::vm);
  wish.image = subject().image(GuestKind::vm).wish.image;
  wish.size_bytes = {DiskSize::min};
  EXPECT_EQ(bad_field(engine().create_disk(wish)), "/size_bytes");
  wish.kind = GuestKind::container;
  wish.size_bytes = {std::int64_t{1} << 30};
  EXPECT_EQ(code_of(engine().create_disk(wish)), ErrorCode::invalid_argument) << "a VM's image holds no container";
  wish.guest = made<GuestId>(std::string(36, '-'));
  EXPECT_EQ(bad_field(engine().create_disk(wish)), "/guest");
}

TEST_P(EngineContract, ADiskLargerThanTheMachineIsExhausted) {
  import(GuestKind::container);
  CreateDisk const wish{
      guest_id(1), GuestKind::container, subject().image(GuestKind::container).wish.image, {DiskSize::max}};
  EXPECT_EQ(code_of(engine().create_disk(wish)), ErrorCode::exhausted);
  EXPECT_TRUE(engine().guests().value().empty()) << "nothing of it is left";
}

}  // namespace
}  // namespace berth::contract::testing
