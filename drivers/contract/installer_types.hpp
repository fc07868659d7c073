// What the installer's program (drivers/installer/program) and its pages (firmware/console/install_page.hpp) tell each other: JSON
// over the program's standard input and output.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/base/json.hpp"

namespace berth::contract {

// A disk as people name it: "sda", "/dev/sda", a path below /dev/disk, or its serial number.
using DiskName = Text<1, 128>;
using DiskBytes = Number<0, (1LL << 53) - 1>;

struct InstallDisk {
  DiskName name;      // the kernel's: "sda"
  Text<0, 64> model;  // "" is unknown, here and below
  Text<0, 64> serial;
  DiskBytes bytes;
  bool empty = false;    // nothing is known to be on it
  Text<1, 200> holds;    // in words: "nothing", "a Berth appliance", "2 partitions: vfat, ext4 (backup)"
  Text<0, 200> refused;  // why Berth cannot be installed there; "" is that it can
};
BOOST_DESCRIBE_STRUCT(InstallDisk, (), (name, model, serial, bytes, empty, holds, refused))

// What can be installed, and where. The medium that the installer was started from is not among the disks.
struct InstallOffer {
  Text<1, 64> board;
  Text<1, 64> version;
  DiskBytes bytes_min;  // a smaller disk is refused
  List<InstallDisk, 64> disks;
};
BOOST_DESCRIBE_STRUCT(InstallOffer, (), (board, version, bytes_min, disks))

struct InstallWish {
  List<DiskName, 2> disks;      // one, or two for a mirror
  List<DiskName, 2> confirmed;  // each disk that is not empty, by its name or its serial
};
BOOST_DESCRIBE_STRUCT(InstallWish, (), (disks, confirmed))

enum class InstallStep { check_medium, write, verify, make_mirror, finish, done };
BOOST_DESCRIBE_ENUM(InstallStep, check_medium, write, verify, make_mirror, finish, done)

// One line of JSON each; the last says `done` or has a failure.
struct InstallReport {
  InstallStep step = InstallStep::check_medium;
  Number<0, 100> percent;
  std::optional<Text<1, 600>> failure;
};
BOOST_DESCRIBE_STRUCT(InstallReport, (), (step, percent, failure))

enum class AfterInstall { restart, power_off };
BOOST_DESCRIBE_ENUM(AfterInstall, restart, power_off)

// The member "install" of a seed (provisioning/seed): installs without questions.
struct InstallSeed {
  DiskName disk;                        // or "only-empty": the one empty disk that is large enough
  std::optional<DiskName> second_disk;  // a mirror
  // Each disk that is not empty, by its serial number: a seed that names "sda" alone wipes nothing.
  std::optional<List<DiskName, 2>> wipe_confirmed;
  AfterInstall then = AfterInstall::restart;
};
BOOST_DESCRIBE_STRUCT(InstallSeed, (), (disk, second_disk, wipe_confirmed, then))

// A seed whose disks were found.
struct SeededInstall {
  InstallWish wish;
  AfterInstall then = AfterInstall::restart;
};
BOOST_DESCRIBE_STRUCT(SeededInstall, (), (wish, then))

}  // namespace berth::contract
