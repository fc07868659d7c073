#include "drivers/container/user.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;

class UserTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(tree() / "etc");
    std::ofstream(tree() / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\n\nbroken "
                                            "line\nhuge:x:70000:70000::/:/bin/sh\nweb:x:33:34:Web:/var/www:/bin/sh\n";
    std::ofstream(tree() / "etc/group")
        << "root:x:0:\nweb:x:34:\nlogs:x:40:other,web\nweblike:x:41:webby\nhuge:x:99999999999:web\n";
  }
  fs::path tree() const { return folder_.path() / "tree"; }
  support::TemporaryFolder folder_;
};

TEST_F(UserTest, NamesNumbersAndGroups) {
  auto const root = find_user(tree(), "");
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->uid, 0U);
  EXPECT_EQ(root->home, "/root");
  auto const web = find_user(tree(), "web");
  ASSERT_TRUE(web.has_value());
  EXPECT_EQ(web->uid, 33U);
  EXPECT_EQ(web->gid, 34U);
  EXPECT_EQ(web->home, "/var/www");
  EXPECT_EQ(web->groups, std::vector<std::uint32_t>{40}) << "named in the list, whole name";
  EXPECT_EQ(find_user(tree(), "33")->gid, 34U) << "a number that passwd knows";
  auto const stranger = find_user(tree(), "1234");
  EXPECT_EQ(stranger->uid, 1234U);
  EXPECT_EQ(stranger->gid, 0U);
  EXPECT_EQ(find_user(tree(), "web:logs")->gid, 40U);
  EXPECT_TRUE(find_user(tree(), "web:logs")->groups.empty()) << "a named group stands alone";
  EXPECT_EQ(find_user(tree(), "1:2")->gid, 2U);
}

TEST_F(UserTest, NumbersThatOverflowAreNobody) {
  for (auto const* bad : {"65536", "4294967295", "4294967296", "18446744073709551616", "-1", "0x0", "1 ", "nobody-here",
                          "huge", "0:65536", "0:4294967296", "0:none", "0:", "0:huge"})
    EXPECT_FALSE(find_user(tree(), bad).has_value()) << bad;
}

TEST_F(UserTest, HostileFilesAreNotFollowedOut) {
  std::ofstream(folder_.path() / "outside") << "evil:x:7:7::/:/bin/sh\n";
  fs::remove(tree() / "etc/passwd");
  fs::create_symlink(folder_.path() / "outside", tree() / "etc/passwd");
  EXPECT_FALSE(find_user(tree(), "evil").has_value());
  fs::remove(tree() / "etc/passwd");
  fs::create_symlink("../../outside", tree() / "etc/passwd");
  EXPECT_FALSE(find_user(tree(), "evil").has_value());
  fs::remove(tree() / "etc/passwd");
  ASSERT_EQ(::mkfifo((tree() / "etc/passwd").c_str(), 0644), 0);
  EXPECT_TRUE(find_user(tree(), "0").has_value()) << "a pipe is not waited for";
  fs::remove(tree() / "etc/passwd");
  fs::create_directory(tree() / "etc/passwd");
  EXPECT_TRUE(find_user(tree(), "0").has_value());
  fs::remove_all(tree() / "etc");
  EXPECT_TRUE(find_user(tree(), "12:13").has_value()) << "numbers need no files";
}

}  // namespace
}  // namespace berth::container
