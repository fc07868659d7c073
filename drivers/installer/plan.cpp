#include "drivers/installer/plan.hpp"

#include <algorithm>
#include <format>

#include "firmware/base/units.hpp"

namespace berth::installer {
namespace {

constexpr std::uint64_t sector = 512;
constexpr std::uint64_t table_bytes = 33 * sector;  // the second copy of the GPT, at the end of the disk
constexpr std::string_view only_empty = "only-empty";

std::string in_words(Disk const& disk) {
  std::string words = disk.name;
  if (!disk.model.empty()) words += ", " + disk.model;
  if (!disk.serial.empty()) words += ", serial " + disk.serial;
  return words;
}

std::string gigabytes(std::uint64_t bytes) {
  return std::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

Result<void> check_disk(Layout const& layout, Disk const& disk, contract::InstallWish const& wish) {
  if (!disk.refused.empty())
    return fail(ErrorCode::conflict, "disk-refused",
                std::format("{} cannot be used: {}", in_words(disk), disk.refused));
  auto const least = disk_bytes_min(layout);
  if (disk.bytes < least)
    return fail(ErrorCode::too_large, "disk-too-small",
                std::format("{} is too small: it has {} bytes ({}), Berth needs {} ({})", in_words(disk), disk.bytes,
                            gigabytes(disk.bytes), least, gigabytes(least)));
  bool const named = std::ranges::any_of(wish.confirmed, [&](std::string_view text) {
    return text == disk.name || (!disk.serial.empty() && text == disk.serial);
  });
  if (!disk.empty && !named)
    return fail(
        ErrorCode::conflict, "disk-not-empty",
        std::format("{} is not empty, it holds {}: installing would erase it, and that was not confirmed by its name",
                    in_words(disk), disk.holds));
  return {};
}

}  // namespace

std::string Plan::mirror_uuid(int partition) const {
  return std::format("{}{:04}", mirror, partition);
}

std::uint64_t disk_bytes_min(Layout const& layout) {
  return static_cast<std::uint64_t>(layout.partitions.items.back().start_bytes.value) + data_bytes_min + mib;
}

Result<Plan> make_plan(Layout const& layout, std::vector<Disk> const& present, contract::InstallWish const& wish,
                       std::string mirror_number) {
  if (wish.disks.empty()) return fail(ErrorCode::invalid_argument, "no-disk", "no disk was chosen");
  Plan plan;
  for (auto const& name : wish.disks) {
    plan.disks.push_back(TRY(find_disk(present, name)));
    TRY(check_disk(layout, plan.disks.back(), wish));
  }
  if (plan.disks.size() == 2 && plan.disks[0].path == plan.disks[1].path)
    return fail(ErrorCode::invalid_argument, "same-disk", "a mirror needs two different disks");
  if (plan.disks.size() == 2) plan.mirror = std::move(mirror_number);
  auto const smaller = std::ranges::min(plan.disks, {}, &Disk::bytes).bytes;
  int number = 0;
  for (auto const& what : layout.partitions)
    plan.partitions.push_back({++number, what, static_cast<std::uint64_t>(what.start_bytes.value),
                               static_cast<std::uint64_t>(what.bytes.value)});
  auto& last = plan.partitions.back();
  last.bytes = (smaller - table_bytes - last.start_bytes) / mib * mib;
  return plan;
}

Result<contract::InstallWish> wish_of(Layout const& layout, std::vector<Disk> const& present,
                                      contract::InstallSeed const& seed) {
  contract::InstallWish wish;
  if (seed.wipe_confirmed) {
    // A serial number goes with the disk; a name like sda is another disk's after the next start.
    for (auto const& text : *seed.wipe_confirmed)
      if (std::ranges::any_of(present, [&](Disk const& disk) { return disk.serial == std::string_view(text); }))
        wish.confirmed.items.push_back(text);
  }
  if (std::string_view(seed.disk) == only_empty) {
    for (auto const& disk : present)
      if (disk.empty && disk.refused.empty() && disk.bytes >= disk_bytes_min(layout) && wish.disks.size() < 2)
        wish.disks.items.push_back(TRY(contract::DiskName::parse(disk.name)));
    if (wish.disks.size() != 1)
      return fail(ErrorCode::conflict, "not-one-empty-disk",
                  std::format("the seed asks for the only empty disk, and {} empty and large enough",
                              wish.disks.empty() ? "no disk is" : "several disks are"));
  } else {
    wish.disks.items.push_back(seed.disk);
  }
  if (seed.second_disk) wish.disks.items.push_back(*seed.second_disk);
  for (auto const& name : wish.disks) {
    // With the medium still in it, the machine would be installed anew at every restart.
    auto const disk = TRY(find_disk(present, name));
    if (disk.holds == appliance_words)
      return fail(ErrorCode::conflict, "already-installed",
                  std::format("{} holds {} already; a seed does not replace that", in_words(disk), disk.holds));
  }
  return wish;
}

std::string partition_script(Plan const& plan) {
  std::string script = "label: gpt\nunit: sectors\n\n";
  for (auto const& p : plan.partitions)
    script += std::format("{} : start={}, size={}, type={}, name=\"{}\"\n", p.number, p.start_bytes / sector,
                          p.bytes / sector, p.what.type.str(), p.what.name.str());
  return script;
}

}  // namespace berth::installer
