// The real child, started and confined as the engine does it. Needs root.
#include "drivers/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "firmware/base/process.hpp"
#include "tests/support/oci_image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::sandbox {
namespace {

namespace fs = std::filesystem;
using support::OciImage;
using support::TarWriter;

class SandboxTest : public testing::Test {
 protected:
  fs::path new_tree() {
    auto const path = folder_.path() / ("tree" + std::to_string(++trees_));
    fs::create_directory(path);
    return path;
  }
  Descriptor disk(std::vector<std::string> arguments) {
    auto const path = folder_.path() / ("disk" + std::to_string(++trees_) + ".qcow2");
    arguments.insert(arguments.begin(), {"qemu-img", "create", "-q", "-f", "qcow2"});
    for (auto& argument : arguments)
      if (argument == "DISK") argument = path.string();
    EXPECT_TRUE(run_checked(arguments).has_value());
    return Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  }
  void patch(Descriptor const& file, off_t offset, std::string_view bytes) {
    EXPECT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), offset), static_cast<ssize_t>(bytes.size()));
  }

  support::TemporaryFolder folder_;
  Sandbox sandbox_{SANDBOX_PROGRAM};
  int trees_ = 0;
};

TEST_F(SandboxTest, UnpacksWithTheImagesOwners) {
  TarWriter layer;
  layer.directory("home/user", 0700, {1000, 1000})
      .file("home/user/a", "hello", 06755, {1000, 65535})
      .file("etc/root", "r");
  OciImage const image{{{layer.bytes()}}, {{"User", "1000"}}};
  auto const file = support::file_with(image.archive());
  auto const tree = new_tree();
  auto const unpacked = sandbox_.unpack_oci(file.get(), tree, {});
  ASSERT_TRUE(unpacked.has_value()) << describe(unpacked.error());
  EXPECT_EQ(unpacked->bytes, 6U);
  EXPECT_EQ(unpacked->config.at("config").at("User"), "1000");
  struct stat facts{};
  ASSERT_EQ(::stat((tree / "home/user/a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, 1000U);
  EXPECT_EQ(facts.st_gid, 65535U);
  EXPECT_EQ(facts.st_mode & 07777U, 06755U);
  ASSERT_EQ(::stat((tree / "etc/root").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, 0U);
}

TEST_F(SandboxTest, TellsWhyItRefuses) {
  OciImage const hostile{{{TarWriter().file("../x\n\x1b[31m", "1").bytes()}}, {}};
  auto const refused = sandbox_.unpack_oci(support::file_with(hostile.archive()).get(), new_tree(), {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  OciImage const wrong{{{TarWriter().file("x", "1").bytes()}}, {}, "amd64", true};
  EXPECT_EQ(sandbox_.unpack_oci(support::file_with(wrong.archive()).get(), new_tree(), {}).error().code,
            ErrorCode::corrupt);
  OciImage const large{{{TarWriter().file("x", std::string(5000, 'x')).bytes()}}, {}};
  EXPECT_EQ(
      sandbox_.unpack_oci(support::file_with(large.archive()).get(), new_tree(), {.bytes_max = 1000}).error().code,
      ErrorCode::too_large);
  EXPECT_EQ(sandbox_.unpack_oci(support::file_with("rubbish").get(), new_tree(), {}).error().code, ErrorCode::corrupt);
}

TEST_F(SandboxTest, JudgesDisks) {
  auto const good = disk({"DISK", "1G"});
  auto const facts = sandbox_.inspect_disk(good.get());
  ASSERT_TRUE(facts.has_value()) << describe(facts.error());
  EXPECT_EQ(facts->virtual_bytes, 1ULL << 30);
  struct stat owner{};
  ASSERT_EQ(::fstat(good.get(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U) << "the loan was not given back";

  auto refused = [&](Descriptor const& file, ErrorCode code = ErrorCode::invalid_argument) {
    auto const result = sandbox_.inspect_disk(file.get());
    return !result.has_value() && result.error().code == code;
  };
  EXPECT_TRUE(refused(disk({"-u", "-b", "/etc/passwd", "-F", "raw", "DISK", "1G"})));
  EXPECT_TRUE(refused(disk({"-u", "-b", R"(json:{"driver":"raw","file":{"driver":"file","filename":"/etc/passwd"}})",
                            "-F", "raw", "DISK", "1G"})));
  EXPECT_TRUE(
      refused(disk({"-o", "data_file=" + (folder_.path() / "data.raw").string() + ",data_file_raw=on", "DISK", "1M"})));
  EXPECT_TRUE(refused(disk({"-o", "compat=0.10", "DISK", "1G"})));
  EXPECT_TRUE(refused(disk({"--object", "secret,id=s,data=x", "-o",
                            "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10", "DISK", "1M"})));
  EXPECT_TRUE(refused(disk({"DISK", "100T"})));

  auto const absurd = disk({"DISK", "1G"});
  patch(absurd, 24, std::string(8, '\x7f'));  // virtual size
  EXPECT_TRUE(refused(absurd));
  auto const hidden = disk({"DISK", "1G"});
  patch(hidden, 8, std::string("\0\0\0\0\0\0\x02\0", 8));  // offset of a backing file's name
  EXPECT_TRUE(refused(hidden));
  auto const rubbish = disk({"DISK", "1G"});
  patch(rubbish, 0, std::string(4096, 'x'));
  EXPECT_TRUE(refused(rubbish, ErrorCode::corrupt));
  ASSERT_EQ(::ftruncate(rubbish.get(), 0), 0);
  EXPECT_TRUE(refused(rubbish, ErrorCode::corrupt));
  auto const damaged = disk({"DISK", "1G"});
  patch(damaged, 40, std::string(8, '\x41'));  // offset of the L1 table
  EXPECT_FALSE(sandbox_.inspect_disk(damaged.get()).has_value());
}

TEST_F(SandboxTest, ResizesDisks) {
  auto const file = disk({"DISK", "64M"});
  ASSERT_TRUE(sandbox_.resize_disk(file.get(), 1ULL << 33).has_value());
  EXPECT_EQ(sandbox_.inspect_disk(file.get())->virtual_bytes, 1ULL << 33);
  EXPECT_FALSE(sandbox_.resize_disk(file.get(), 1).has_value());
}

TEST_F(SandboxTest, TheProgramAcceptsNothingElse) {
  auto const usage = run_program({SANDBOX_PROGRAM, "sh"});
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->exit_code, 1);
  EXPECT_NE(usage->out.find("refused"), std::string::npos);
}

}  // namespace
}  // namespace berth::sandbox
