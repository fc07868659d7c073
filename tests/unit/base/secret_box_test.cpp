#include "firmware/base/secret_box.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace berth {
namespace {

namespace fs = std::filesystem;

class SecretBoxTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(char const* name) const { return folder_ / name; }
  SecretBox box(char const* name = "key") const { return SecretBox::from_own_file(file(name)).value(); }

 private:
  fs::path folder_ = fs::path(testing::TempDir()) / ("secret-box-" + std::to_string(::getpid()));
};

TEST_F(SecretBoxTest, OpensWhatItSealedAfterARestart) {
  auto const sealed = box().seal("tenant", "totp", std::string("seed\0\n", 6));
  EXPECT_EQ(sealed.find("seed"), std::string::npos);
  EXPECT_EQ(box().open("tenant", "totp", sealed).value(), std::string("seed\0\n", 6));
  EXPECT_NE(box().seal("tenant", "totp", "x"), box().seal("tenant", "totp", "x")) << "equal secrets do not look equal";
  EXPECT_EQ(box().open("", "", box().seal("", "", "")).value(), "");
}

TEST_F(SecretBoxTest, OpensNothingOfAnotherOwnerPurposeOrMachine) {
  auto const sealed = box().seal("tenant", "totp", "seed");
  EXPECT_EQ(box().open("other", "totp", sealed).error().code, ErrorCode::corrupt);
  EXPECT_EQ(box().open("tenant", "s3", sealed).error().code, ErrorCode::corrupt);
  EXPECT_EQ(box("another key").open("tenant", "totp", sealed).error().code, ErrorCode::corrupt);
}

TEST_F(SecretBoxTest, NoticesEveryChangedCharacter) {
  auto const sealed = box().seal("tenant", "totp", "seed");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(box().open("tenant", "totp", changed)) << i;
    EXPECT_FALSE(box().open("tenant", "totp", sealed.substr(0, i))) << i;
  }
  EXPECT_FALSE(box().open("tenant", "totp", sealed + "A"));
}

TEST_F(SecretBoxTest, KeepsItsKeyToItselfAndRefusesADamagedOne) {
  (void)box();
  struct stat facts{};
  ASSERT_EQ(::stat(file("key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_EQ(SecretBox::from_file(file("absent")).error().code, ErrorCode::not_found);
  std::ofstream(file("short")) << "too short";
  EXPECT_EQ(SecretBox::from_file(file("short")).error().code, ErrorCode::corrupt);
  std::ofstream(file("long")) << std::string(33, 'k');
  EXPECT_FALSE(SecretBox::from_file(file("long")));
}

}  // namespace
}  // namespace berth
