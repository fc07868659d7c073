// A newer release migrates, the machine goes back to the older one: it goes on with its data.
#include "firmware/store/older_copy.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "firmware/store/query.hpp"
#include "firmware/store/store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::store {
namespace {

namespace fs = std::filesystem;

class OlderCopyTest : public ::testing::Test {
 protected:
  static int count() { return static_cast<int>(embedded_migrations().size()); }

  // Today's release with so many migrations of tomorrow.
  Migrations release(int more) {
    static constexpr std::string_view sql[] = {"CREATE TABLE tomorrow_1 (x INTEGER NOT NULL) STRICT;",
                                               "CREATE TABLE tomorrow_2 (x INTEGER NOT NULL) STRICT;",
                                               "CREATE TABLE tomorrow_3 (x INTEGER NOT NULL) STRICT;"};
    static constexpr std::string_view names[] = {"9001_one", "9002_two", "9003_three"};
    Migrations migrations;
    for (int i = 0; i < more; ++i) migrations.steps.push_back({count() + i + 1, names[i], sql[i]});
    auto replayed =
        Connection::open(folder.path() / ("replay" + std::to_string(more)), Connection::Mode::write).value();
    EXPECT_TRUE(migrate(*replayed, migrations.steps));
    migrations.schema = schema_of(*replayed).value();
    return migrations;
  }
  Result<std::unique_ptr<Store>> open(int more) { return Store::open({.file = file, .migrations = release(more)}); }
  void say(int more, std::string const& colour) {
    auto store = open(more);
    ASSERT_TRUE(store) << describe(store.error());
    ASSERT_TRUE((*store)->write({"test", {}}, [&](Transaction& tx) { return tx.settings.set("colour", colour); }));
  }
  std::string said(int more) {
    auto store = open(more);
    if (!store) return describe(store.error());
    return (*store)->read([](Snapshot& s) { return s.settings.get("colour"); }).value().value_or("nothing");
  }
  std::vector<std::string> named(std::string_view part) const {
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator(folder.path()))
      if (auto name = entry.path().filename().string(); name.contains(part)) names.push_back(std::move(name));
    std::ranges::sort(names);
    return names;
  }
  std::string copy(int schema, int made_for) const {
    return "berth.db.schema-" + std::to_string(schema) + ".for-" + std::to_string(made_for);
  }

  support::TemporaryFolder folder;
  fs::path const file = folder.path() / "berth.db";
};

TEST_F(OlderCopyTest, TheOlderReleaseGoesOnWithItsDataAndTheNewerDatabaseIsKept) {
  say(0, "green");
  EXPECT_TRUE(named(".schema-").empty()) << "nothing was migrated";
  say(1, "blue");
  EXPECT_EQ(named(".schema-"), std::vector{copy(count(), count() + 1)});
  EXPECT_EQ(said(0), "green");
  auto const newer = named(".newer-");
  ASSERT_EQ(newer.size(), 1U);
  auto aside = Store::open({.file = folder.path() / newer[0], .migrations = release(1)});
  ASSERT_TRUE(aside) << describe(aside.error());
  EXPECT_EQ((*aside)->read([](Snapshot& s) { return s.settings.get("colour"); }), "blue");
  // And forward again: what the older release has done meanwhile is what counts.
  say(0, "red");
  EXPECT_EQ(said(1), "red");
}

TEST_F(OlderCopyTest, WithoutACopyANewerDatabaseIsRefusedAndUntouched) {
  say(0, "green");
  say(1, "blue");
  Store::forget_copies(file);
  EXPECT_TRUE(named(".schema-").empty());
  auto const store = open(0);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().slug, "database-newer");
  EXPECT_TRUE(named(".newer-").empty());
  EXPECT_EQ(said(1), "blue");
}

TEST_F(OlderCopyTest, AReleaseThatWasInterruptedHalfwayKeepsTheCopyThatCounts) {
  say(0, "green");
  // Killed after the first of two migrations: the copy is there, the second migration is not.
  auto const later = release(2);
  {
    auto writer = Connection::open(file, Connection::Mode::write).value();
    ASSERT_TRUE(keep_older_copy(*writer, file, later.steps));
    ASSERT_TRUE(migrate(*writer, release(1).steps));
  }
  EXPECT_EQ(said(2), "green");
  EXPECT_EQ(named(".schema-"), std::vector{copy(count(), count() + 2)});
  EXPECT_EQ(said(0), "green");
}

TEST_F(OlderCopyTest, ACopyOfAnotherReleaseIsNotTaken) {
  say(0, "green");
  say(1, "blue");
  fs::remove(folder.path() / copy(count(), count() + 1));
  say(2, "red");
  ASSERT_EQ(named(".schema-"), std::vector{copy(count() + 1, count() + 2)});
  EXPECT_EQ(open(0).error().slug, "database-newer");
}

TEST_F(OlderCopyTest, ADamagedCopyIsNotTaken) {
  say(0, "green");
  say(1, "blue");
  std::ofstream(folder.path() / copy(count(), count() + 1)) << std::string(8192, 'x');
  auto const store = open(0);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::corrupt) << describe(store.error());
  EXPECT_EQ(said(1), "blue");
}

TEST_F(OlderCopyTest, KeepsTheLastTwo) {
  say(0, "green");
  for (int more = 1; more <= 3; ++more) say(more, "blue");
  EXPECT_EQ(named(".schema-"), (std::vector{copy(count() + 1, count() + 2), copy(count() + 2, count() + 3)}));
}

TEST_F(OlderCopyTest, WhatWasCutShortWhileGoingBackIsBegunAgain) {
  say(0, "green");
  say(1, "blue");
  // As after a power cut between the link and the rename.
  fs::create_hard_link(file, file.string() + ".newer-1");
  std::ofstream(file.string() + ".going-back-new") << "half a copy";
  EXPECT_EQ(said(0), "green");
  EXPECT_EQ(named(".newer-").size(), 2U);
}

}  // namespace
}  // namespace berth::store
