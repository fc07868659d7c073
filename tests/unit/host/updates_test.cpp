// What may be installed, what became of it, and what the two slots hold: with RAUC's part played by a script.
#include "drivers/host/updates.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "drivers/host/found_updates.hpp"
#include "drivers/host/update_record.hpp"
#include "tests/support/eventually.hpp"
#include "tests/unit/host/machine_world.hpp"

namespace berth::host::testing {
namespace {

using contract::SlotName;

class UpdatesTest : public ::testing::Test {
 protected:
  UpdatesTest() { start(); }

  // The engine starts (again). What RAUC says comes along.
  void start() {
    updates_.reset();
    auto service = std::make_unique<Shared>(rauc);
    updates_ = std::make_unique<Updates>(world.paths, std::move(service));
    updates_->begin();
  }
  Updates& updates() { return *updates_; }

  Descriptor bundle(std::string_view text) {
    auto const path = world.paths.settings / "uploaded";
    MachineFolders::write(path, text);
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  static ErrorCode code(Result<void> const& result) { return result ? ErrorCode{} : result.error().code; }
  static std::string slug(Result<void> const& result) { return result ? "fine" : result.error().slug; }
  bool installing() { return updates().progress().value().running; }

  ScriptedUpdates rauc;
  MachineFolders world;

 private:
  // One script for several engines after each other.
  class Shared final : public UpdateService {
   public:
    explicit Shared(ScriptedUpdates& script) : script_(script) {}
    Result<BundleFacts> inspect(std::filesystem::path const& bundle) override { return script_.inspect(bundle); }
    Result<void> install(std::filesystem::path const& bundle, std::string const& transaction) override {
      return script_.install(bundle, transaction);
    }
    Result<ServiceProgress> progress() override { return script_.progress(); }
    Result<std::array<SlotRecord, 2>> slots() override { return script_.slots(); }
    Result<void> activate(SlotName slot) override { return script_.activate(slot); }

   private:
    ScriptedUpdates& script_;
  };
  std::unique_ptr<Updates> updates_;
};

TEST_F(UpdatesTest, AFreshMachineHasOneRelease) {
  auto const slots = updates().slots().value();
  ASSERT_EQ(slots.slots.size(), 2U);
  EXPECT_EQ(slots.slots[0].version, "1.2.3");
  EXPECT_TRUE(slots.slots[0].booted);
  EXPECT_TRUE(slots.slots[0].good);
  EXPECT_EQ(slots.slots[0].tries_left, 3);
  EXPECT_EQ(slots.slots[1].version, "") << "the starter images are no release";
  EXPECT_EQ(slots.next, SlotName::a);
  EXPECT_EQ(slug(updates().choose_slot(SlotName::b)), "slot-empty");
  EXPECT_TRUE(updates().choose_slot(SlotName::a));
  EXPECT_EQ(rauc.activated(), std::vector{SlotName::a});
  EXPECT_EQ(updates().progress().value().version, "");
}

TEST_F(UpdatesTest, RefusesWhatIsNotForThisMachine) {
  EXPECT_EQ(code(updates().install(bundle("nonsense"))), ErrorCode::corrupt);
  EXPECT_EQ(code(updates().install(bundle("berth-qemu-x86_64 2.0.0 plain"))), ErrorCode::corrupt);
  EXPECT_EQ(code(updates().install(bundle("berth-qemu-x86_64 new"))), ErrorCode::corrupt);
  EXPECT_EQ(slug(updates().install(bundle("berth-pc-x86_64 2.0.0"))), "update-other-board");
  EXPECT_EQ(slug(updates().install(bundle("other 2.0.0"))), "update-other-board");
  EXPECT_EQ(slug(updates().install(bundle("berth-qemu-x86_64 1.2.2"))), "update-older");
  EXPECT_EQ(slug(updates().install(bundle("berth-qemu-x86_64 1.2.3-rc.1"))), "update-older");
  EXPECT_FALSE(std::filesystem::exists(world.paths.updates / "bundle.raucb"));
  EXPECT_EQ(updates().progress().value().version, "") << "none of them began";
  EXPECT_TRUE(updates().install(bundle("berth-qemu-x86_64 1.2.3"))) << "the same once more";
}

TEST_F(UpdatesTest, InstallsItsOwnCopyAndTellsHowItGoes) {
  ASSERT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0")));
  MachineFolders::write(world.paths.settings / "uploaded", "swapped");
  EXPECT_EQ(MachineFolders::read(world.paths.updates / "bundle.raucb"), "berth-qemu-x86_64 2.0.0");
  auto const now = updates().progress().value();
  EXPECT_TRUE(now.running);
  EXPECT_EQ(now.percent, 40);
  EXPECT_EQ(now.version, "2.0.0");
  EXPECT_EQ(slug(updates().install(bundle("berth-qemu-x86_64 2.0.0"))), "update-running");
  EXPECT_EQ(updates().slots().value().slots[1].version, "") << "half of it is none";
  EXPECT_FALSE(updates().find());

  world.boot("ORDER=B A\nA_OK=1\nA_TRY=0\nA_PROVEN=1\nB_OK=1\nB_TRY=0\n");
  rauc.end(1, "ok");
  auto const ended = updates().progress().value();
  EXPECT_FALSE(ended.running);
  EXPECT_EQ(ended.failure, "");
  EXPECT_EQ(ended.percent, 100);
  auto const slots = updates().slots().value();
  EXPECT_EQ(slots.slots[1].version, "2.0.0");
  EXPECT_FALSE(slots.slots[1].good) << "it has not come up yet";
  EXPECT_EQ(slots.slots[1].tries_left, 3);
  EXPECT_EQ(slots.next, SlotName::b);
  EXPECT_FALSE(std::filesystem::exists(world.paths.updates / "bundle.raucb"));
}

TEST_F(UpdatesTest, TheEndIsKnownAlsoWhenNobodyAsks) {
  ASSERT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0")));
  rauc.end(1, "failed", "Failed\nto write");
  ASSERT_TRUE(support::eventually([&] { return !std::filesystem::exists(world.paths.updates / "bundle.raucb"); }));
  EXPECT_EQ(updates().progress().value().failure, "Failed to write");
  EXPECT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0"))) << "once more";
  EXPECT_TRUE(installing());
}

TEST_F(UpdatesTest, AnEngineThatStartsAgainFindsTheTruth) {
  ASSERT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0")));
  start();
  EXPECT_TRUE(installing());
  EXPECT_TRUE(std::filesystem::exists(world.paths.updates / "bundle.raucb")) << "it is being read";
  rauc.end(1, "ok");
  world.boot("ORDER=B A\nB_OK=1\nB_TRY=0\nA_OK=1\nA_TRY=0\n");
  start();
  EXPECT_EQ(updates().progress().value().failure, "");
  EXPECT_FALSE(installing());
}

TEST_F(UpdatesTest, WhatAPowerCutInterruptedHasFailed) {
  ASSERT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0")));
  rauc.end(1, "pending");
  start();
  EXPECT_EQ(updates().progress().value().failure, "The installation was interrupted.");
  EXPECT_EQ(updates().slots().value().slots[1].version, "");
  // All of it is there, and the boot loader was not told.
  ASSERT_TRUE(updates().install(bundle("berth-qemu-x86_64 2.0.0")));
  rauc.end(1, "ok");
  EXPECT_FALSE(installing());
  EXPECT_EQ(updates().progress().value().failure, "The installation was interrupted.");
  EXPECT_EQ(updates().slots().value().slots[1].version, "2.0.0") << "and may be chosen";
  EXPECT_TRUE(updates().choose_slot(SlotName::b));
}

TEST_F(UpdatesTest, AnInstallationThatCannotBeginIsNotAwaited) {
  rauc.refuse(true);
  EXPECT_EQ(code(updates().install(bundle("berth-qemu-x86_64 2.0.0"))), ErrorCode::unavailable);
  EXPECT_FALSE(installing());
  EXPECT_NE(updates().progress().value().failure, "");
  EXPECT_FALSE(std::filesystem::exists(world.paths.updates / "bundle.raucb"));
}

TEST_F(UpdatesTest, WhatWasFlashedIsRememberedFromTheOtherSlot) {
  MachineFolders::write(world.paths.command_line, "rauc.slot=B");
  MachineFolders::write(world.paths.release, "VERSION=2.0.0\nBOARD=qemu-x86_64\n");
  world.boot("ORDER=B A\nA_OK=1\nA_TRY=0\nA_PROVEN=1\nB_OK=1\nB_TRY=1\n");
  rauc.written(1, {"ok", "2.0.0", "x"});
  start();
  auto const slots = updates().slots().value();
  EXPECT_EQ(slots.slots[0].version, "1.2.3");
  EXPECT_TRUE(slots.slots[0].good);
  EXPECT_TRUE(slots.slots[1].booted);
  EXPECT_FALSE(slots.slots[1].good) << "it is on trial";
  EXPECT_EQ(slots.slots[1].tries_left, 2);
  rauc.written(0, {"pending", "3.0.0", "y"});
  EXPECT_EQ(updates().slots().value().slots[0].version, "") << "overwritten";
}

TEST_F(UpdatesTest, FindsBundlesNewestFirstAndSaysWhatIsWrongWithThem) {
  auto const put = [&](char const* name, char const* text) {
    MachineFolders::write(world.paths.update_folder / name, text);
  };
  put("a.raucb", "berth-qemu-x86_64 2.0.0");
  put("b.raucb", "berth-qemu-x86_64 2.10.0");
  put("c.raucb", "berth-qemu-x86_64 1.0.0");
  put("d.raucb", "nonsense");
  put("notes.txt", "berth-qemu-x86_64 9.0.0");
  std::filesystem::create_symlink("a.raucb", world.paths.update_folder / "e.raucb");
  std::filesystem::create_directory(world.paths.update_folder / "f.raucb");
  auto const found = updates().find().value();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].name, "b.raucb");
  EXPECT_EQ(found[0].board, "qemu-x86_64");
  EXPECT_TRUE(found[0].compatible);
  EXPECT_EQ(found[1].version, "2.0.0");
  EXPECT_EQ(found[2].name, "c.raucb");
  EXPECT_FALSE(found[2].compatible);
  EXPECT_TRUE(found[2].problem.contains("older")) << found[2].problem;
  EXPECT_FALSE(found[3].compatible);

  auto const id = contract::FoundUpdateId::parse(found[0].id).value();
  put("b.raucb", "berth-qemu-x86_64 2.11.0 changed");
  EXPECT_EQ(code(updates().install_found(id)), ErrorCode::not_found) << "another file by now";
  ASSERT_TRUE(updates().install_found(contract::FoundUpdateId::parse(found[1].id).value()));
  EXPECT_EQ(updates().progress().value().version, "2.0.0");
}

TEST_F(UpdatesTest, LooksAtRemovableDisksThatAreNotTheSystems) {
  auto const& block = world.paths.block_devices;
  auto const root = block.parent_path() / "sys";
  auto const disk = [&](std::string const& bus, std::string const& name, bool removable,
                        std::vector<std::string> parts) {
    auto const folder = root / bus / name;
    std::filesystem::create_directories(folder);
    MachineFolders::write(folder / "removable", removable ? "1\n" : "0\n");
    MachineFolders::write(folder / "size", "2048\n");
    std::filesystem::create_directory_symlink(folder, block / name);
    for (auto const& part : parts) {
      std::filesystem::create_directories(folder / part);
      MachineFolders::write(folder / part / "partition", "1\n");
      MachineFolders::write(folder / part / "size", "1024\n");
      std::filesystem::create_directory_symlink(folder / part, block / part);
    }
  };
  disk("pci/usb1", "sda", false, {"sda1", "sda2"});
  disk("pci/ata1", "sdb", false, {"sdb1"});
  disk("pci/ata2", "sdc", true, {});
  disk("pci/usb2", "sdd", true, {"sdd1"});
  disk("pci/virtio", "vda", true, {"vda1"});
  MachineFolders::write(world.paths.settings / "sdd1", "");
  std::filesystem::create_symlink(world.paths.settings / "sdd1", world.paths.system_devices / "root-a");
  EXPECT_EQ(removable_volumes(world.paths), (std::vector<std::string>{"sda1", "sda2", "sdc"}));
}

TEST(BootEnvironment, IsReadAsTheBootLoaderReadsIt) {
  auto const parse = [](std::string_view lines) {
    return parse_boot_environment("# GRUB Environment Block\n" + std::string(lines) + "#######");
  };
  auto const boot = parse("ORDER=B A\nA_OK=1\nA_TRY=2\nB_OK=1\nB_TRY=3\nB_PROVEN=1\n");
  ASSERT_TRUE(boot);
  EXPECT_EQ(boot->next(), SlotName::a);
  EXPECT_EQ(boot->of(SlotName::a).tries_left(), 1);
  EXPECT_EQ(boot->of(SlotName::b).tries_left(), 0);
  EXPECT_FALSE(boot->of(SlotName::b).good());
  EXPECT_EQ(parse("ORDER=A B\nA_OK=1\nA_TRY=many\n")->next(), std::nullopt);
  EXPECT_FALSE(parse("A_OK=1\n"));
  EXPECT_FALSE(parse_boot_environment("ORDER=A B\n"));
  EXPECT_EQ(booted_slot("a=1 rauc.slot=B quiet\n"), SlotName::b);
  EXPECT_EQ(booted_slot("x.rauc.slot=B rauc.slot=AB"), std::nullopt);
}

}  // namespace
}  // namespace berth::host::testing
