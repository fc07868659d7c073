#include "firmware/console/install_page.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "firmware/base/files.hpp"
#include "firmware/console/install_progress.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/console/script.hpp"

namespace berth::console {
namespace {

class FakeInstaller final : public Installer {
 public:
  Result<contract::InstallOffer> offer() override { return offered; }
  Result<std::optional<contract::SeededInstall>> seeded() override { return seed; }
  Result<void> install(contract::InstallWish const& wish,
                       std::function<void(contract::InstallReport const&)> const& progress) override {
    wishes.push_back(wish);
    for (int percent = 0; percent <= 100; ++percent) progress({contract::InstallStep::write, {percent}, {}});
    if (!trouble.empty()) return fail(ErrorCode::io, "install-failed", trouble);
    progress({contract::InstallStep::done, {100}, {}});
    return {};
  }

  contract::InstallOffer offered;
  std::optional<contract::SeededInstall> seed;
  std::string trouble;
  std::vector<contract::InstallWish> wishes;
};

class InstallPage : public testing::Test {
 protected:
  void SetUp() override {
    installer.offered.version = decltype(installer.offered.version)::parse("1.2.3").value();
    installer.offered.board = decltype(installer.offered.board)::parse("pc-x86_64").value();
    add("sda", "S1", "nothing", "");
    add("sdb", "S2", "2 partitions: vfat (EFI), ext4 (precious)", "");
    add("sdc", "S3", "nothing", "it is too small");
  }
  void add(char const* name, char const* serial, char const* holds, char const* refused) {
    contract::InstallDisk disk;
    disk.name = decltype(disk.name)::parse(name).value();
    disk.model = decltype(disk.model)::parse("A model with quite a long name of its own, as disks have them").value();
    disk.serial = decltype(disk.serial)::parse(serial).value();
    disk.holds = decltype(disk.holds)::parse(holds).value();
    disk.refused = decltype(disk.refused)::parse(refused).value();
    disk.bytes.value = 500'000'000'000;
    disk.empty = disk.holds.str() == "nothing";
    installer.offered.disks.items.push_back(disk);
  }
  std::string play(std::deque<std::string> typed) {
    Script script(std::move(typed));
    Dialogue dialogue(script);
    run_installer({dialogue, installer,
                   [this](contract::AfterInstall act) {
                     left.push_back(act);
                     return Result<void>{};
                   },
                   folder.path() / "berth-installer"});
    EXPECT_TRUE(script.used_up());
    EXPECT_LE(widest(script.shown), Dialogue::columns);
    return script.shown;
  }

  support::TemporaryFolder folder;
  FakeInstaller installer;
  std::vector<contract::AfterInstall> left;
};

TEST_F(InstallPage, an_empty_disk_takes_one_yes) {
  auto const shown = play({"1", "1", "yes", ""});
  ASSERT_EQ(installer.wishes.size(), 1u);
  EXPECT_EQ(installer.wishes[0].disks.items[0].str(), "sda");
  EXPECT_TRUE(installer.wishes[0].confirmed.empty());
  EXPECT_EQ(left, std::vector{contract::AfterInstall::restart});
  EXPECT_NE(shown.find("Writing: 50 %"), std::string::npos);
  EXPECT_EQ(shown.find("Writing: 51 %"), std::string::npos) << "few lines at 9600 baud";
  EXPECT_NE(shown.find("Remove the medium"), std::string::npos);
}

TEST_F(InstallPage, a_used_disk_is_erased_only_by_its_name) {
  play({"1", "2", "yes", "1", "2", "sda", "1", "2", "S2", "yes", ""});
  ASSERT_EQ(installer.wishes.size(), 1u);
  EXPECT_EQ(installer.wishes[0].confirmed.items[0].str(), "S2");
}

TEST_F(InstallPage, what_is_refused_cannot_be_chosen_and_a_mirror_has_two_disks) {
  auto const shown = play({"2", "3", "1", "1", "2", "sdb", "no", "3"});
  EXPECT_NE(shown.find("sdc cannot be used: it is too small."), std::string::npos);
  EXPECT_NE(shown.find("That is the first one already."), std::string::npos);
  EXPECT_NE(shown.find("Write Berth to sda and sdb now?"), std::string::npos);
  EXPECT_TRUE(installer.wishes.empty());
  EXPECT_EQ(left, std::vector{contract::AfterInstall::power_off});
}

TEST_F(InstallPage, trouble_is_told_and_nothing_restarts) {
  installer.trouble = "the medium is damaged";
  auto const shown = play({"1", "1", "yes", "", "3"});
  EXPECT_NE(shown.find("the medium is damaged"), std::string::npos);
  EXPECT_EQ(left, std::vector{contract::AfterInstall::power_off});
}

TEST_F(InstallPage, a_seed_is_followed_unless_somebody_stops_it) {
  contract::SeededInstall seed;
  seed.wish.disks.items.push_back(contract::DiskName::parse("sda").value());
  seed.then = contract::AfterInstall::power_off;
  installer.seed = seed;
  play({"<silence>"});
  EXPECT_EQ(installer.wishes.size(), 1u);
  EXPECT_EQ(left, std::vector{contract::AfterInstall::power_off});
  play({"", "3"});
  EXPECT_EQ(installer.wishes.size(), 1u);
}

// Its words come while nobody has typed anything yet: then the other terminal speaks.
class Elsewhere final : public Line {
 public:
  Elsewhere(Script& line, std::function<void()> other) : line_(line), other_(std::move(other)) {}
  void write(std::string_view text) override {
    line_.write(text);
    if (text.contains("seconds stops that")) other_();
  }
  void hide() override { line_.hide(); }
  Typed read(bool echo, std::optional<std::chrono::milliseconds> patience) override {
    return line_.read(echo, patience);
  }

 private:
  Script& line_;
  std::function<void()> other_;
};

TEST_F(InstallPage, a_seed_that_is_stopped_at_one_terminal_is_stopped_at_the_other) {
  contract::SeededInstall seed;
  seed.wish.disks.items.push_back(contract::DiskName::parse("sda").value());
  installer.seed = seed;
  Script nobody({"<silence>", "3"});
  Elsewhere line(nobody, [this] { EXPECT_NE(play({"", "3"}).find("Stopped"), std::string::npos); });
  Dialogue dialogue(line);
  run_installer(
      {dialogue, installer, [](contract::AfterInstall) { return Result<void>{}; }, folder.path() / "berth-installer"});
  EXPECT_TRUE(nobody.used_up());
  EXPECT_NE(nobody.shown.find("was stopped at a terminal"), std::string::npos);
  EXPECT_TRUE(installer.wishes.empty());
  play({"3"});  // a terminal that begins again does not begin with the seed
  EXPECT_TRUE(installer.wishes.empty());
}

TEST_F(InstallPage, a_terminal_that_comes_second_says_how_far_the_first_is) {
  auto const state = folder.path() / "berth-installer";
  ASSERT_TRUE(ensure_directory(state, 0700));
  std::jthread first;
  {
    auto progress = InstallProgress::begin(state / "progress").value();
    ASSERT_TRUE(progress);
    progress->add("Writing: 25 %");
    EXPECT_FALSE(InstallProgress::begin(state / "progress").value()) << "one at a time";
    first = std::jthread([held = std::move(*progress)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      held.add("Berth is on sda.");
      InstallProgress const ended = std::move(held);
    });
  }
  auto const shown = play({"1", "1", "yes", "", "3"});
  EXPECT_TRUE(installer.wishes.empty());
  EXPECT_NE(shown.find("Writing: 25 %"), std::string::npos);
  EXPECT_NE(shown.find("Berth is on sda."), std::string::npos);
  EXPECT_NE(shown.find("has ended"), std::string::npos);
}

TEST_F(InstallPage, a_terminal_that_closes_restarts_nothing) {
  play({"1", "1", "yes"});
  EXPECT_EQ(installer.wishes.size(), 1u);
  EXPECT_TRUE(left.empty());
}

}  // namespace
}  // namespace berth::console
