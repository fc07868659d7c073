#include "drivers/installer/mirror.hpp"

#include <fcntl.h>
#include <linux/blkpg.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cctype>
#include <cerrno>
#include <filesystem>
#include <format>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"

namespace berth::installer {
namespace {

constexpr std::string_view array_prefix = "berth-";
constexpr char mount_place[] = "/run/berth-installer/esp";

bool is_array(PlannedPartition const& p) {
  auto const& name = p.what.name.str();
  return name.starts_with(array_prefix) && name != "berth-esp";
}

// "/dev/sda3", "/dev/nvme0n1p3".
std::string node(Disk const& disk, int number) {
  bool const ends_in_digit = std::isdigit(static_cast<unsigned char>(disk.path.back())) != 0;
  return disk.path + (ends_in_digit ? "p" : "") + std::to_string(number);
}

// Partitions that the kernel knows and the disk does not, until this goes.
class KernelPartitions {
 public:
  static Result<KernelPartitions> add(Disk const& disk, Plan const& plan) {
    KernelPartitions all(Descriptor(::open(disk.path.c_str(), O_RDONLY | O_CLOEXEC)));
    if (!all.device_.valid()) return fail_errno(errno, "open " + disk.path);
    for (auto const& p : plan.partitions) {
      if (!all.tell(BLKPG_ADD_PARTITION, p.number, p.start_bytes, p.bytes))
        return fail_errno(errno, "add partition " + node(disk, p.number));
      all.numbers_.push_back(p.number);
    }
    return all;
  }
  KernelPartitions(KernelPartitions&&) = default;
  KernelPartitions& operator=(KernelPartitions&&) = delete;
  ~KernelPartitions() {
    if (!device_.valid()) return;
    for (int const number : numbers_) tell(BLKPG_DEL_PARTITION, number, 0, 0);
  }

 private:
  explicit KernelPartitions(Descriptor device) : device_(std::move(device)) {}
  bool tell(int act, int number, std::uint64_t start, std::uint64_t bytes) {
    blkpg_partition partition{};
    partition.pno = number;
    partition.start = static_cast<long long>(start);
    partition.length = static_cast<long long>(bytes);
    blkpg_ioctl_arg argument{act, 0, sizeof partition, &partition};
    return ::ioctl(device_.get(), BLKPG, &argument) == 0;
  }

  Descriptor device_;
  std::vector<int> numbers_;
};

class MountedEsp {
 public:
  static Result<MountedEsp> mount(std::string const& device) {
    std::error_code error;
    std::filesystem::create_directories(mount_place, error);
    if (::mount(device.c_str(), mount_place, "vfat", MS_NODEV | MS_NOSUID | MS_NOEXEC, nullptr) != 0)
      return fail_errno(errno, "mount " + device);
    return MountedEsp();
  }
  MountedEsp(MountedEsp&& other) noexcept : mounted_(std::exchange(other.mounted_, false)) {}
  MountedEsp& operator=(MountedEsp&&) = delete;
  ~MountedEsp() {
    if (mounted_) ::umount2(mount_place, 0);
  }

 private:
  MountedEsp() = default;
  bool mounted_ = true;
};

Result<void> mark_esp(std::string const& device, Plan const& plan) {
  auto const mounted = TRY(MountedEsp::mount(device));
  auto const mark = std::filesystem::path(mount_place) / "grub/mirror";
  TRY(replace_volatile_file(mark, mirror_block(plan), 0600));
  // FAT keeps a file's entry with the file.
  Descriptor const file(::open(mark.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) return fail_errno(errno, "open " + mark.string());
  return sync_foreign(file.get(), device);
}

Result<void> make_array(Plan const& plan, PlannedPartition const& p) {
  auto const place = "/dev/md" + std::to_string(p.number);
  std::vector<std::string> argv{"mdadm",
                                "--create",
                                place,
                                "--quiet",
                                "--run",
                                "--metadata=1.0",
                                "--level=1",
                                "--raid-devices=2",
                                "--name=" + p.what.name.str(),
                                "--homehost=any",
                                "--uuid=" + plan.mirror_uuid(p.number)};
  // Both members hold the same, written and read back. What is empty is compared by the array itself, and a bitmap spares a disk
  // that was away for a while the comparison of all of it.
  if (p.what.part.empty()) {
    argv.push_back("--bitmap=internal");
  } else {
    argv.push_back("--bitmap=none");
    argv.push_back("--assume-clean");
  }
  for (auto const& disk : plan.disks) argv.push_back(node(disk, p.number));
  TRY(run_checked(argv));
  TRY(run_checked({"mdadm", "--wait-clean", place}));
  TRY(run_checked({"mdadm", "--quiet", "--stop", place}));
  return {};
}

}  // namespace

std::string mirror_block(Plan const& plan) {
  constexpr std::size_t block_bytes = 1024;
  auto block = std::format("# GRUB Environment Block\nmirror={}\nturn=1\n", plan.mirror);
  block.resize(block_bytes, '#');
  return block;
}

Result<void> make_mirror(Plan const& plan) {
  std::vector<KernelPartitions> partitions;
  for (auto const& disk : plan.disks) partitions.push_back(TRY(KernelPartitions::add(disk, plan)));
  for (auto const& p : plan.partitions) {
    if (is_array(p)) TRY(make_array(plan, p));
    if (p.what.name.str() == "berth-esp")
      for (auto const& disk : plan.disks) TRY(mark_esp(node(disk, p.number), plan));
  }
  return {};
}

}  // namespace berth::installer
