#include "drivers/installer/plan.hpp"

#include <gtest/gtest.h>

#include "drivers/installer/install.hpp"
#include "tests/unit/installer/medium.hpp"

namespace berth::installer {
namespace {

Disk disk(std::string name, std::string serial, std::uint64_t bytes, bool empty = true) {
  Disk made;
  made.name = name;
  made.path = "/dev/" + name;
  made.serial = std::move(serial);
  made.bytes = bytes;
  made.empty = empty;
  made.holds = empty ? "nothing" : "ext4 (precious)";
  return made;
}

class Planning : public testing::Test {
 protected:
  contract::InstallWish wish(std::vector<std::string> disks, std::vector<std::string> confirmed = {}) const {
    contract::InstallWish made;
    for (auto const& name : disks) made.disks.items.push_back(contract::DiskName::parse(name).value());
    for (auto const& name : confirmed) made.confirmed.items.push_back(contract::DiskName::parse(name).value());
    return made;
  }
  Result<Plan> plan(contract::InstallWish const& wanted) const {
    return make_plan(layout, present, wanted, std::string(28, 'a'));
  }
  std::string slug(contract::InstallWish const& wanted) const {
    auto const made = plan(wanted);
    return made ? "" : made.error().slug;
  }

  Medium medium;
  Layout layout = medium.read().value().layout();
  std::vector<Disk> present{disk("sda", "S1", 8 * gib), disk("sdb", "S2", 4 * gib + 700),
                            disk("sdc", "S3", 8 * gib, false), disk("sdd", "", 8 * gib, false)};
};

TEST_F(Planning, the_last_partition_takes_what_is_left_and_all_are_aligned) {
  auto const made = plan(wish({"sda"})).value();
  ASSERT_EQ(made.partitions.size(), 6u);
  EXPECT_TRUE(made.mirror.empty());
  for (auto const& p : made.partitions) {
    EXPECT_EQ(p.start_bytes % mib, 0u);
    EXPECT_EQ(p.bytes % mib, 0u);
  }
  auto const& data = made.partitions.back();
  EXPECT_EQ(data.start_bytes + data.bytes, 8 * gib - mib) << "the last MiB holds the second table";
}

TEST_F(Planning, the_smaller_disk_decides_on_a_mirror) {
  auto const made = plan(wish({"/dev/sda", "S2"})).value();
  EXPECT_EQ(made.mirror, std::string(28, 'a'));
  EXPECT_EQ(made.mirror_uuid(3), std::string(28, 'a') + "0003");
  EXPECT_EQ(made.partitions.back().start_bytes + made.partitions.back().bytes, 4 * gib - mib);
}

TEST_F(Planning, a_used_disk_must_be_named_to_be_erased) {
  EXPECT_EQ(slug(wish({"sdc"})), "disk-not-empty");
  EXPECT_EQ(slug(wish({"sdc"}, {"sda"})), "disk-not-empty");
  EXPECT_EQ(slug(wish({"sdc"}, {"sdc"})), "");
  EXPECT_EQ(slug(wish({"sdc"}, {"S3"})), "");
  EXPECT_EQ(slug(wish({"sda", "sdc"}, {"S1"})), "disk-not-empty");
  EXPECT_NE(plan(wish({"sdc"})).error().message.find("precious"), std::string::npos);
}

TEST_F(Planning, what_cannot_be_used_is_refused_with_the_reason) {
  EXPECT_EQ(slug(wish({})), "no-disk");
  EXPECT_EQ(slug(wish({"sdz"})), "no-such-disk");
  EXPECT_EQ(slug(wish({"sda", "S1"})), "same-disk");
  present[0].bytes = disk_bytes_min(layout) - 512;
  EXPECT_EQ(slug(wish({"sda"})), "disk-too-small");
  auto const message = plan(wish({"sda"})).error().message;
  EXPECT_NE(message.find(std::to_string(disk_bytes_min(layout))), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(present[0].bytes)), std::string::npos) << message;
  present[1].refused = "it is in use by a mounted file system";
  EXPECT_EQ(slug(wish({"sdb"})), "disk-refused");
  present[3].serial = "S3";
  EXPECT_EQ(slug(wish({"S3"}, {"S3"})), "serial-not-unique");
}

TEST_F(Planning, the_script_has_numbers_and_plain_names_and_no_ids) {
  auto const script = partition_script(plan(wish({"sda"})).value());
  EXPECT_NE(script.find("label: gpt\n"), std::string::npos);
  EXPECT_NE(script.find("1 : start=2048, size=2048, type="), std::string::npos);
  EXPECT_NE(script.find("name=\"berth-data\"\n"), std::string::npos);
  EXPECT_EQ(script.find("uuid"), std::string::npos);
}

TEST_F(Planning, a_seed_takes_the_only_empty_disk_and_no_other) {
  contract::InstallSeed seed;
  seed.disk = contract::DiskName::parse("only-empty").value();
  EXPECT_EQ(wish_of(layout, present, seed).error().slug, "not-one-empty-disk");
  present[1].bytes = gib / 2;
  auto const wanted = wish_of(layout, present, seed).value();
  ASSERT_EQ(wanted.disks.size(), 1u);
  EXPECT_EQ(wanted.disks.items[0].str(), "sda");
  present[0].empty = false;
  EXPECT_EQ(wish_of(layout, present, seed).error().slug, "not-one-empty-disk");
}

TEST_F(Planning, a_seed_erases_by_serial_number_only_and_never_berth) {
  contract::InstallSeed seed;
  seed.disk = contract::DiskName::parse("sdc").value();
  seed.wipe_confirmed.emplace().items.push_back(contract::DiskName::parse("sdc").value());
  EXPECT_EQ(slug(wish_of(layout, present, seed).value()), "disk-not-empty");
  seed.wipe_confirmed->items[0] = contract::DiskName::parse("S3").value();
  EXPECT_EQ(slug(wish_of(layout, present, seed).value()), "");
  present[2].holds = appliance_words;
  EXPECT_EQ(wish_of(layout, present, seed).error().slug, "already-installed");
}

TEST_F(Planning, the_offer_says_what_is_on_each_disk) {
  present[1].bytes = gib / 2;
  auto const offer = read_json<contract::InstallOffer>(write_json(offer_of(layout, present))).value();
  ASSERT_EQ(offer.disks.size(), 4u);
  EXPECT_EQ(offer.bytes_min.value, static_cast<std::int64_t>(disk_bytes_min(layout)));
  EXPECT_EQ(offer.disks.items[1].refused.str(), "it is too small");
  EXPECT_EQ(offer.disks.items[2].holds.str(), "ext4 (precious)");
  EXPECT_FALSE(offer.disks.items[2].empty);
}

}  // namespace
}  // namespace berth::installer
