// A disk that is full, and one that refuses writes (threats 3 and 4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "firmware/store/store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::store {
namespace {

// A small file system of this test's own, which ends with it.
class SmallDisk {
 public:
  explicit SmallDisk(char const* size) {
    ready_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             ::mount("small", folder_.path().c_str(), "tmpfs", 0, (std::string("size=") + size).c_str()) == 0;
  }
  SmallDisk(SmallDisk const&) = delete;
  SmallDisk& operator=(SmallDisk const&) = delete;
  ~SmallDisk() {
    if (ready_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool ready() const { return ready_; }
  std::filesystem::path const& path() const { return folder_.path(); }

 private:
  support::TemporaryFolder folder_;
  bool ready_ = false;
};

Result<void> write_some(Store& store, std::string const& key) {
  return store.write({"test", from_ms(1)},
                     [&](Transaction& tx) { return tx.settings.set(key, std::string(100'000, 'x')); });
}

TEST(FullDisk, refuses_writes_keeps_reading_and_goes_on_when_there_is_room) {
  SmallDisk disk("2m");
  if (!disk.ready()) GTEST_SKIP() << "mounting needs root";
  auto store = Store::open({disk.path() / "berth.db"});
  ASSERT_TRUE(store) << describe(store.error());
  ASSERT_TRUE(
      (*store)->write({"test", from_ms(1)}, [](Transaction& tx) { return tx.settings.set("colour", "green"); }));
  // Something else fills the disk.
  {
    std::ofstream filler(disk.path() / "filler");
    std::string const block(4096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())) && filler.flush()) {
    }
  }
  auto refused = write_some(**store, "big");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted) << describe(refused.error());
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("colour"); }), "green");
  EXPECT_EQ((*store)->read([](Snapshot& s) { return s.settings.get("big"); }), std::nullopt);

  std::filesystem::remove(disk.path() / "filler");
  auto again = write_some(**store, "big");
  EXPECT_TRUE(again) << describe(again.error());
  store->reset();
  EXPECT_TRUE(Store::open({disk.path() / "berth.db"})) << "nothing was damaged";
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
