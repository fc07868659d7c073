// A disk that is full, and one that refuses writes (threats 3 and 4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "firmware/store/ballast.hpp"
#include "firmware/store/store.hpp"
#include "tests/support/small_disk.hpp"

namespace berth::store {
namespace {

Result<void> write_some(Store& store, std::string const& key, std::string const& actor = "test") {
  return store.write({actor, from_ms(1)},
                     [&](Transaction& tx) { return tx.settings.set(key, std::string(100'000, 'x')); });
}

TEST(FullDisk, refuses_writes_keeps_reading_and_goes_on_when_there_is_room) {
  support::SmallDisk disk("2m");
  if (!disk.ready()) GTEST_SKIP() << "mounting needs root";
  auto store = Store::open({disk.path() / "berth.db"});
  ASSERT_TRUE(store) << describe(store.error());
  ASSERT_TRUE(
      (*store)->write({"test", from_ms(1)}, [](Transaction& tx) { return tx.settings.set("colour", "green"); }));
  disk.fill();
  auto refused = write_some(**store, "big");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted) << describe(refused.error());
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("colour"); }), "green");
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("big"); }), std::nullopt);

  disk.free_again();
  auto again = write_some(**store, "big");
  EXPECT_TRUE(again) << describe(again.error());
  store->reset();
  EXPECT_TRUE(Store::open({disk.path() / "berth.db"})) << "nothing was damaged";
}

TEST(FullDisk, gives_people_the_room_that_was_kept_and_keeps_it_again_afterwards) {
  support::SmallDisk disk("64m");
  if (!disk.ready()) GTEST_SKIP() << "mounting needs root";
  auto const file = disk.path() / "berth.db";
  auto store = Store::open({file});
  ASSERT_TRUE(store) << describe(store.error());
  EXPECT_TRUE(Ballast(file).held());
  disk.fill();

  auto const unasked = write_some(**store, "unasked", "reconciler:observe-guests");
  ASSERT_FALSE(unasked) << "a reconciler does not get it";
  EXPECT_EQ(unasked.error().code, ErrorCode::exhausted);
  EXPECT_TRUE(Ballast(file).held());

  auto const asked = write_some(**store, "asked");
  EXPECT_TRUE(asked) << describe(asked.error());
  EXPECT_FALSE(Ballast(file).held());
  EXPECT_TRUE(write_some(**store, "and-more"));
  EXPECT_FALSE(Ballast(file).held()) << "there is no room for it yet";

  disk.free_again();
  EXPECT_TRUE(write_some(**store, "later"));
  EXPECT_TRUE(Ballast(file).held());
  store->reset();
  EXPECT_TRUE(Store::open({file})) << "nothing was damaged";
}

TEST(FailingDiskDeathTest, ends_the_process_instead_of_going_on_with_an_unknown_disk) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  support::TemporaryFolder folder;
  auto const fill = [&] {
    auto store = Store::open({folder.path() / "berth.db"});
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{64 * 1024, 64 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    (void)write_some(**store, "big");
  };
  EXPECT_DEATH(fill(), "writing the database failed");
}

}  // namespace
}  // namespace berth::store
