// Opening: what a good file gives, and what damaged, crafted, newer and busy ones say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "firmware/store/connection.hpp"
#include "firmware/store/migrations.hpp"
#include "firmware/store/query.hpp"
#include "firmware/store/store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::store {
namespace {

using ::testing::HasSubstr;

class Opening : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return folder.path() / "berth.db"; }
  void make() { ASSERT_TRUE(Store::open({file()})) << "a fresh database opens"; }
  void with_sql(std::string_view sql) {
    auto connection = Connection::open(file(), Connection::Mode::write);
    ASSERT_TRUE(connection);
    auto done = (*connection)->execute(sql);
    ASSERT_TRUE(done) << describe(done.error());
  }
  void overwrite(std::streamoff at, std::string const& bytes) {
    std::fstream f(file(), std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(at);
    f << bytes;
  }
  support::TemporaryFolder folder;
};

TEST(Schema, is_what_the_migrations_give) {
  support::TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "replay.db", Connection::Mode::write);
  ASSERT_TRUE(connection) << describe(connection.error());
  auto done = migrate(**connection, embedded_migrations());
  ASSERT_TRUE(done) << describe(done.error());
  auto const schema = schema_of(**connection);
  ASSERT_TRUE(schema);
  if (char const* to = std::getenv("BERTH_WRITE_SCHEMA")) std::ofstream(to) << *schema;
  EXPECT_EQ(*schema, committed_schema());
}

TEST(Migrations, are_numbered_without_a_gap) {
  int expected = 1;
  for (auto const& migration : embedded_migrations()) EXPECT_EQ(migration.number, expected++) << migration.name;
  EXPECT_GT(expected, 1);
}

TEST(Migrations, that_fail_leave_nothing) {
  support::TemporaryFolder folder;
  auto connection = Connection::open(folder.path() / "half.db", Connection::Mode::write);
  ASSERT_TRUE(connection);
  auto const done =
      migrate(**connection, {{1, "0001_good", "CREATE TABLE a (x INTEGER) STRICT;"},
                             {2, "0002_bad", "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT;"}});
  ASSERT_FALSE(done);
  auto const schema = schema_of(**connection);
  EXPECT_THAT(*schema, HasSubstr("TABLE a"));
  EXPECT_THAT(*schema, ::testing::Not(HasSubstr("TABLE b")));
}

TEST_F(Opening, twice_at_once_is_refused) {
  auto first = Store::open({file()});
  ASSERT_TRUE(first) << describe(first.error());
  auto second = Store::open({file()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().slug, "database-in-use");
}

TEST_F(Opening, again_finds_what_was_written) {
  {
    auto store = Store::open({file()});
    ASSERT_TRUE(store);
    auto done = (*store)->write({"test", {}}, [](Transaction& tx) { return tx.settings.set("colour", "green"); });
    ASSERT_TRUE(done) << describe(done.error());
  }
  auto store = Store::open({file()});
  ASSERT_TRUE(store);
  auto value = (*store)->read([](Snapshot& s) { return s.settings.get("colour"); });
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, "green");
}

TEST_F(Opening, makes_a_private_file) {
  make();
  struct stat facts{};
  ASSERT_EQ(::stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(Opening, refuses_a_newer_database) {
  make();
  with_sql("INSERT INTO migrations (number, name, sha256) VALUES (9999, '9999_future', 'x')");
  auto store = Store::open({file()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().slug, "database-newer");
}

TEST_F(Opening, refuses_a_changed_migration) {
  make();
  with_sql("UPDATE migrations SET sha256 = 'other' WHERE number = 1");
  auto store = Store::open({file()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().slug, "migration-changed");
}

TEST_F(Opening, refuses_a_schema_with_something_of_others) {
  make();
  with_sql("CREATE TRIGGER evil AFTER INSERT ON settings BEGIN DELETE FROM users; END");
  auto store = Store::open({file()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().slug, "database-foreign-schema");
}

TEST_F(Opening, a_file_that_is_no_database_is_damaged_and_kept) {
  std::ofstream(file()) << std::string(8192, 'x');
  auto store = Store::open({file()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::corrupt);
  EXPECT_THAT(store.error().message, HasSubstr("no good copy"));
  EXPECT_EQ(std::filesystem::file_size(file()), 8192u);
}

TEST_F(Opening, a_damaged_page_is_found_and_the_good_copy_takes_its_place) {
  {
    auto store = Store::open({file()});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->write({"test", {}}, [](Transaction& tx) { return tx.settings.set("colour", "green"); }));
    auto saved = (*store)->save_good_copy();
    ASSERT_TRUE(saved) << describe(saved.error());
    ASSERT_TRUE((*store)->checkpoint());
  }
  // Every page but the first loses its header.
  for (std::streamoff page = 1; page < 12; ++page) overwrite(page * 4096, std::string(64, '\xee'));
  auto damaged = Store::open({file()});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
  EXPECT_THAT(damaged.error().message, HasSubstr("last good copy is from"));

  auto restored = Store::restore_good_copy(file(), from_ms(1234));
  ASSERT_TRUE(restored) << describe(restored.error());
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".damaged-1234"));
  auto store = Store::open({file()});
  ASSERT_TRUE(store) << describe(store.error());
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("colour"); }), "green");
}

TEST_F(Opening, without_a_good_copy_there_is_nothing_to_restore) {
  make();
  auto restored = Store::restore_good_copy(file(), from_ms(1));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::not_found);
}

// A new, empty one would replace the good copy a day later.
TEST_F(Opening, a_lost_database_is_not_replaced_by_an_empty_one_while_there_is_a_good_copy) {
  {
    auto store = Store::open({file()});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->write({"test", {}}, [](Transaction& tx) { return tx.settings.set("colour", "green"); }));
    ASSERT_TRUE((*store)->save_good_copy());
  }
  auto const refuse = [&](char const* how) {
    auto store = Store::open({file()});
    ASSERT_FALSE(store) << how;
    EXPECT_EQ(store.error().slug, "database-lost") << how;
    EXPECT_THAT(store.error().message, HasSubstr("--restore-good-copy")) << how;
  };
  std::filesystem::resize_file(file(), 0);
  refuse("empty");
  std::filesystem::remove(file());
  refuse("absent");
  EXPECT_FALSE(std::filesystem::exists(file()));
  ASSERT_TRUE(Store::restore_good_copy(file(), from_ms(1)));
  auto store = Store::open({file()});
  ASSERT_TRUE(store) << describe(store.error());
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("colour"); }), "green");
}

TEST_F(Opening, a_restore_that_cannot_copy_moves_nothing) {
  ASSERT_TRUE((*Store::open({file()}))->save_good_copy());
  // Stands for a full disk: nothing can be written under that name.
  std::filesystem::create_directory(file().string() + ".restoring");
  EXPECT_FALSE(Store::restore_good_copy(file(), from_ms(1)));
  EXPECT_TRUE(std::filesystem::exists(file()));
  EXPECT_TRUE(Store::open({file()}));
}

TEST_F(Opening, a_copy_that_a_lock_cut_short_is_an_error) {
  make();
  auto holder = Connection::open(file(), Connection::Mode::write);
  ASSERT_TRUE(holder);
  // Only outside of the WAL a writer shuts readers out.
  ASSERT_TRUE((*holder)->execute("PRAGMA journal_mode = DELETE"));
  auto reader = Connection::open(file(), Connection::Mode::read);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->execute("PRAGMA busy_timeout = 0"));
  ASSERT_TRUE((*holder)->execute("BEGIN EXCLUSIVE"));
  auto copied = (*reader)->back_up(folder.path() / "copy.db");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace berth::store
