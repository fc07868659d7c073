#include "drivers/installer/disks.hpp"

#include <gtest/gtest.h>

namespace berth::installer {
namespace {

// As lsblk 2.41 writes it.
constexpr std::string_view listing = R"({"blockdevices": [
 {"name":"sda","path":"/dev/sda","type":"disk","size":8000000000,"ro":false,"log-sec":512,"model":"A disk ","serial":"S1",
  "fstype":null,"label":null,"partlabel":null,"pttype":null,"mountpoints":[null]},
 {"name":"sdb","path":"/dev/sdb","type":"disk","size":8000000000,"ro":false,"log-sec":512,"model":null,"serial":"S2",
  "fstype":null,"label":null,"partlabel":null,"pttype":"gpt","mountpoints":[null],"children":[
   {"name":"sdb1","path":"/dev/sdb1","type":"part","size":1,"fstype":"vfat","label":null,"partlabel":"EFI\u001b[2J","mountpoints":[null]},
   {"name":"sdb2","path":"/dev/sdb2","type":"part","size":1,"fstype":"ext4","label":"home","partlabel":null,"mountpoints":["/home"]}]},
 {"name":"sdc","path":"/dev/sdc","type":"disk","size":8000000000,"ro":false,"log-sec":4096,"model":null,"serial":null,
  "fstype":null,"label":null,"partlabel":null,"pttype":null,"mountpoints":[null]},
 {"name":"sdd","path":"/dev/sdd","type":"disk","size":8000000000,"ro":false,"log-sec":512,"model":null,"serial":null,
  "fstype":null,"label":null,"partlabel":null,"pttype":"gpt","mountpoints":[null],"children":[
   {"name":"sdd3","path":"/dev/sdd3","type":"part","size":1,"fstype":"squashfs","label":null,"partlabel":"berth-root-a","mountpoints":[null]},
   {"name":"sdd5","path":"/dev/sdd5","type":"part","size":1,"fstype":"ext4","label":null,"partlabel":"berth-config","mountpoints":[null]}]},
 {"name":"sde","path":"/dev/sde","type":"disk","size":8000000000,"ro":true,"log-sec":512,"model":null,"serial":null,
  "fstype":"xfs","label":"archive","partlabel":null,"pttype":null,"mountpoints":[null]},
 {"name":"sdf","path":"/dev/sdf","type":"disk","size":8000000000,"ro":false,"log-sec":512,"model":null,"serial":null,
  "fstype":"LVM2_member","label":null,"partlabel":null,"pttype":null,"mountpoints":[null],"children":[
   {"name":"vg-lv","path":"/dev/mapper/vg-lv","type":"lvm","size":1,"fstype":"ext4","mountpoints":[null]}]},
 {"name":"sdg","path":"/dev/sdg","type":"disk","size":0,"ro":false,"log-sec":512,"mountpoints":[null]},
 {"name":"sdh","path":"/dev/sdh","type":"disk","size":16000000000,"ro":false,"log-sec":512,"mountpoints":[null]},
 {"name":"zram0","path":"/dev/zram0","type":"disk","size":16000000000,"ro":false,"log-sec":4096,"mountpoints":["[SWAP]"]}]})";

std::vector<Disk> disks(bool zeros = true) {
  return disks_from(
             listing, "sdh",
             zeros ? +[](std::string const&) { return true; } : +[](std::string const&) { return false; })
      .value();
}

TEST(Disks, the_medium_and_what_is_no_disk_are_left_out) {
  std::string names;
  for (auto const& disk : disks()) names += disk.name + " ";
  EXPECT_EQ(names, "sda sdb sdc sdd sde sdf ");
}

TEST(Disks, what_is_on_them_is_said_in_plain_words) {
  auto const all = disks();
  EXPECT_TRUE(all[0].empty);
  EXPECT_EQ(all[0].holds, "nothing");
  EXPECT_EQ(all[0].model, "A disk");
  EXPECT_FALSE(all[1].empty);
  EXPECT_EQ(all[1].holds, "2 partitions: vfat (EFI?[2J), ext4 (home)");
  EXPECT_EQ(all[3].holds, "a Berth appliance");
  EXPECT_EQ(all[4].holds, "xfs (archive)");
  for (std::size_t i = 3; i < all.size(); ++i) EXPECT_FALSE(all[i].empty);
}

TEST(Disks, a_disk_without_a_signature_is_empty_only_when_it_begins_with_zeros) {
  auto const all = disks(false);
  EXPECT_FALSE(all[0].empty);
  EXPECT_EQ(all[0].holds, "data of an unknown kind");
}

TEST(Disks, what_is_in_use_protected_or_of_another_kind_is_refused) {
  auto const all = disks();
  EXPECT_EQ(all[0].refused, "");
  EXPECT_EQ(all[1].refused, "it is in use by a mounted file system");
  EXPECT_NE(all[2].refused.find("4096"), std::string::npos);
  EXPECT_EQ(all[3].refused, "");
  EXPECT_EQ(all[4].refused, "it is write-protected");
  EXPECT_EQ(all[5].refused, "it is in use by lvm vg-lv");
}

TEST(Disks, they_are_found_by_name_path_and_serial_number) {
  auto const all = disks();
  EXPECT_EQ(find_disk(all, "sdb")->name, "sdb");
  EXPECT_EQ(find_disk(all, "S2")->name, "sdb");
  EXPECT_FALSE(find_disk(all, "sdh"));
  EXPECT_FALSE(find_disk(all, ""));
  EXPECT_FALSE(find_disk(all, "/dev/null"));
}

TEST(Disks, nonsense_is_an_error) {
  EXPECT_FALSE(disks_from("{}", "sda", nullptr));
  EXPECT_FALSE(disks_from("not json", "sda", nullptr));
}

}  // namespace
}  // namespace berth::installer
