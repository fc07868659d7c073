// What is read back of a console's log.
#include "drivers/container/console_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;

TEST(ConsoleLogText, LinesAndPartsOfLinesComeBackAsTheyWereSaid) {
  EXPECT_EQ(text_of_log("2026-01-01T00:00:00.0+00:00 stdout F one\r\n2026-01-01T00:00:00.0+00:00 stdout P two\n"
                        "2026-01-01T00:00:00.0+00:00 stdout F  and three\n2026-01-01T00:00:00.0+00:00 stdout P $ \n"),
            "one\r\ntwo and three\n$ ");
  EXPECT_EQ(text_of_log(""), "");
  EXPECT_EQ(text_of_log("stdout F half a line\nT stdout X what\n\n \n  \nT stdout F \nT stdout F good"), "\ngood\n");
}

TEST(ConsoleLogText, LastLinesAreCountedFromTheEnd) {
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last_lines("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last_lines("a\nb\nc\n", 3), "a\nb\nc\n");
  EXPECT_EQ(last_lines("\nb\n", 2), "\nb\n");
  EXPECT_EQ(last_lines("\nb\n", 1), "b\n");
  EXPECT_EQ(last_lines("", 5), "");
  EXPECT_EQ(last_lines("\n\n\n", 2), "\n\n");
}

class ConsoleLogFiles : public ::testing::Test {
 protected:
  // As conmon does it: a new file takes the full one's name.
  void begin_anew() const { fs::rename(say_into(log.folder() / "log.tmp", ""), log.file()); }
  void say(std::string const& line) const { say_into(log.file(), "T stdout F " + line + "\n"); }
  static fs::path say_into(fs::path const& file, std::string const& text) {
    std::ofstream(file, std::ios::app) << text;
    return file;
  }

  support::TemporaryFolder folder;
  ConsoleLog log{folder.path() / "guest" / "console"};
};

TEST_F(ConsoleLogFiles, WhatAFullFileHeldIsKeptUntilTheNextOneIsFull) {
  fs::create_directory(folder.path() / "guest");
  ASSERT_TRUE(log.begin());
  EXPECT_EQ(log.recent(), "");
  say("one");
  EXPECT_EQ(log.recent(), "one\n");
  begin_anew();
  EXPECT_EQ(log.recent(), "one\n") << "nobody has followed yet, and nothing is lost";
  log.follow();
  say("two");
  log.follow();
  EXPECT_EQ(log.recent(), "one\ntwo\n");
  begin_anew();
  say("three");
  EXPECT_EQ(log.recent(), "one\ntwo\nthree\n");
  log.follow();
  EXPECT_EQ(log.recent(), "two\nthree\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(log.folder()), {}), 3);
  EXPECT_EQ(fs::status(log.file()).permissions(), fs::perms(0600));
  ASSERT_TRUE(log.begin()) << "a new run begins with nothing";
  EXPECT_EQ(log.recent(), "");
  ASSERT_TRUE(log.forget());
  ASSERT_TRUE(log.forget()) << "absent is fine";
  EXPECT_EQ(log.recent(), "");
  log.follow();
  EXPECT_FALSE(fs::exists(log.folder()));
}

}  // namespace
}  // namespace berth::container
