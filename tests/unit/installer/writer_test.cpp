// Writing to a disk that is a file: sfdisk and the page cache treat it like one.
#include "drivers/installer/writer.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "drivers/installer/mirror.hpp"
#include "drivers/installer/seed.hpp"
#include "firmware/base/process.hpp"
#include "tests/unit/installer/medium.hpp"

namespace {
std::atomic<bool> disk_is_gone = false;
}

// In libc's place, for the whole program: what a disk says that was pulled out.
extern "C" int fsync(int file) {
  if (!disk_is_gone) return static_cast<int>(::syscall(SYS_fsync, file));
  errno = EIO;
  return -1;
}

namespace berth::installer {
namespace {

class Writing : public testing::Test {
 protected:
  void SetUp() override {
    // Old data everywhere.
    std::ofstream(disk, std::ios::binary) << std::string(bytes, 'x');
    Disk target;
    target.name = "disk";
    target.path = disk;
    target.bytes = bytes;
    target.empty = true;
    plan.disks = {target};
    int number = 0;
    for (auto const& p : payload.layout().partitions)
      plan.partitions.push_back(
          {++number, p, static_cast<std::uint64_t>(p.start_bytes.value), static_cast<std::uint64_t>(p.bytes.value)});
  }
  std::string at(std::uint64_t start, std::size_t count) const {
    std::string text(count, '\0');
    std::ifstream file(disk, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(start));
    file.read(text.data(), static_cast<std::streamsize>(count));
    return text;
  }
  void flip(std::filesystem::path const& file, std::uint64_t where) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekg(static_cast<std::streamoff>(where));
    char const was = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(where));
    stream.put(static_cast<char>(was ^ 1));
  }
  bool has_table() const { return run_program({"sfdisk", "--json", disk}).value().exit_code == 0; }

  static constexpr std::size_t bytes = 36 * mib;
  Medium medium;
  Payload payload = medium.read().value();
  std::string disk = medium.folder / "disk";
  Plan plan;
  std::uint64_t advanced = 0;
  Advance const advance = [this](std::uint64_t more) { advanced += more; };
};

TEST_F(Writing, a_disk_that_takes_nothing_more_is_named) {
  disk_is_gone = true;
  auto const written = write_content(disk, plan, payload, advance);
  auto const bootable = make_bootable(disk, plan, payload);
  disk_is_gone = false;
  for (auto const* result : {&written, &bootable}) {
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().code, ErrorCode::io);
    EXPECT_TRUE(describe(result->error()).contains(disk)) << describe(result->error());
  }
}

TEST_F(Writing, a_whole_installation_is_there_and_is_what_it_should_be) {
  ASSERT_TRUE(check_payload(payload, advance));
  advanced = 0;
  ASSERT_TRUE(write_content(disk, plan, payload, advance));
  EXPECT_EQ(advanced, payload_bytes(payload.layout()));
  ASSERT_TRUE(verify_content(disk, plan, advance));
  EXPECT_FALSE(has_table()) << "nothing can start from it before the last step";
  ASSERT_TRUE(make_bootable(disk, plan, payload));
  EXPECT_TRUE(has_table());
  EXPECT_EQ(at(0, 440), medium.contents["boot.img"]);
  EXPECT_EQ(at(510, 2), "\x55\xAA");
  EXPECT_EQ(at(5 * mib, 2'000'003), medium.contents["root.squashfs"]);
  EXPECT_EQ(at(17 * mib, 16 * mib), std::string(16 * mib, '\0')) << "no old file system is found where data begins";
  EXPECT_EQ(at(9 * mib - 4096, 4096), std::string(4096, '\0')) << "no old superblock of an array is found";
}

TEST_F(Writing, two_disks_have_nothing_but_their_content_in_common) {
  ASSERT_TRUE(write_content(disk, plan, payload, advance));
  ASSERT_TRUE(make_bootable(disk, plan, payload));
  auto const first = run_checked({"sfdisk", "--dump", disk}).value();
  ASSERT_TRUE(make_bootable(disk, plan, payload));
  auto const second = run_checked({"sfdisk", "--dump", disk}).value();
  auto const id = [](std::string const& dump) { return dump.substr(dump.find("label-id"), 50); };
  EXPECT_NE(id(first), id(second));
}

TEST_F(Writing, a_damaged_medium_is_found_before_anything_is_written) {
  flip(medium.folder / "pack.squashfs", 50);
  auto const checked = check_payload(payload, advance);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().slug, "medium-damaged");
  EXPECT_NE(checked.error().message.find("pack.squashfs"), std::string::npos);
}

TEST_F(Writing, a_disk_that_keeps_other_bytes_is_not_called_good) {
  ASSERT_TRUE(write_content(disk, plan, payload, advance));
  flip(disk, 2 * mib + 70'000);
  auto const verified = verify_content(disk, plan, advance);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().slug, "disk-differs");
}

TEST_F(Writing, a_layout_that_overlaps_or_lies_is_refused) {
  medium.partitions[2].as_object()["start_bytes"] = 4 * mib;
  medium.write();
  EXPECT_EQ(medium.read().error().slug, "bad-layout");
  medium.partitions[2].as_object()["start_bytes"] = 5 * mib;
  medium.partitions[2].as_object()["part_bytes"] = 5 * mib;
  medium.write();
  EXPECT_EQ(medium.read().error().slug, "bad-layout");
  medium.partitions[2].as_object()["part_bytes"] = 2'000'003;
  medium.partitions[2].as_object()["name"] = "x\", size=1";
  medium.write();
  EXPECT_EQ(medium.read().error().slug, "bad-layout");
}

TEST_F(Writing, grub_reads_the_mirror_from_an_environment_block) {
  plan.mirror = std::string(28, 'a');
  auto const file = medium.folder / "mirror";
  std::ofstream(file, std::ios::binary) << mirror_block(plan);
  EXPECT_EQ(std::filesystem::file_size(file), 1024u);
  EXPECT_EQ(run_checked({"grub-editenv", file, "list"}).value(), "mirror=" + plan.mirror + "\nturn=1\n");
}

TEST(Seed, only_its_install_member_is_read_and_it_is_strict) {
  EXPECT_FALSE(seed_from(R"({"hostname": "x"})").value());
  auto const seed = seed_from(R"({"hostname": "x", "install": {"disk": "only-empty", "then": "power_off"}})").value();
  ASSERT_TRUE(seed);
  EXPECT_EQ(seed->then, contract::AfterInstall::power_off);
  EXPECT_FALSE(seed_from(R"({"install": {"disk": "sda"}})"));
  EXPECT_FALSE(seed_from(R"({"install": {"disk": "sda", "then": "explode"}})"));
  EXPECT_FALSE(seed_from(R"({"install": {"disk": "sda", "then": "restart", "more": 1}})"));
  EXPECT_FALSE(seed_from("[]"));
}

}  // namespace
}  // namespace berth::installer
