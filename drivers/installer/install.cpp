#include "drivers/installer/install.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>

#include "drivers/installer/mirror.hpp"
#include "drivers/installer/writer.hpp"
#include "firmware/base/random.hpp"

namespace berth::installer {
namespace {

constexpr char lock_path[] = "/run/berth-installer.lock";

// 28 hexadecimal digits.
std::string new_mirror_number() {
  std::array<unsigned char, 14> bytes{};
  fill_random(bytes);
  return hex(bytes);
}

Result<Descriptor> take_lock(char const* path, int flags, char const* trouble) {
  Descriptor file(::open(path, flags | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno(errno, std::string("open ") + path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return fail(ErrorCode::conflict, "busy", trouble);
  return file;
}

// Counts bytes into percents of one step, and tells each of them once.
class Meter {
 public:
  Meter(Progress const& progress, contract::InstallStep step, std::uint64_t total)
      : progress_(progress), step_(step), total_(total) {
    progress_(step_, 0);
  }
  void operator()(std::uint64_t bytes) {
    done_ += bytes;
    auto const percent = total_ == 0 ? 100 : static_cast<int>(std::min<std::uint64_t>(100, done_ * 100 / total_));
    if (percent > told_) progress_(step_, told_ = percent);
  }

 private:
  Progress const& progress_;
  contract::InstallStep step_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  int told_ = 0;
};

}  // namespace

contract::InstallOffer offer_of(Layout const& layout, std::vector<Disk> const& disks) {
  contract::InstallOffer offer{layout.board, layout.version, {static_cast<std::int64_t>(disk_bytes_min(layout))}, {}};
  for (auto const& disk : disks) {
    contract::InstallDisk shown;
    auto name = decltype(shown.name)::parse(disk.name);
    auto holds = decltype(shown.holds)::parse(disk.holds);
    if (!name || !holds || offer.disks.size() == decltype(offer.disks)::max) continue;
    shown.name = *std::move(name);
    shown.holds = *std::move(holds);
    shown.model = decltype(shown.model)::parse(disk.model).value_or(decltype(shown.model){});
    shown.serial = decltype(shown.serial)::parse(disk.serial).value_or(decltype(shown.serial){});
    shown.bytes.value = static_cast<std::int64_t>(disk.bytes);
    shown.empty = disk.empty;
    auto refused = disk.refused;
    if (refused.empty() && disk.bytes < disk_bytes_min(layout)) refused = "it is too small";
    shown.refused = decltype(shown.refused)::parse(refused).value_or(decltype(shown.refused){});
    offer.disks.items.push_back(std::move(shown));
  }
  return offer;
}

Result<void> install(Payload const& payload, std::vector<Disk> const& present, contract::InstallWish const& wish,
                     Progress const& progress) {
  using enum contract::InstallStep;
  auto const plan = TRY(make_plan(payload.layout(), present, wish, new_mirror_number()));
  auto const alone = TRY(take_lock(lock_path, O_RDWR | O_CREAT, "an installation runs already, at another terminal"));
  // udev leaves a locked disk alone (systemd, "Locking Block Device Access"): it would read the half-made table again.
  std::vector<Descriptor> locks;
  for (auto const& disk : plan.disks)
    locks.push_back(TRY(take_lock(disk.path.c_str(), O_RDONLY, "another program works on this disk")));

  auto const bytes = payload_bytes(payload.layout());
  Meter checked(progress, check_medium, bytes);
  TRY(check_payload(payload, std::ref(checked)));
  Meter written(progress, write, bytes * plan.disks.size());
  for (auto const& disk : plan.disks) TRY(write_content(disk.path, plan, payload, std::ref(written)));
  Meter verified(progress, verify, bytes * plan.disks.size());
  for (auto const& disk : plan.disks) TRY(verify_content(disk.path, plan, std::ref(verified)));
  if (!plan.mirror.empty()) {
    progress(contract::InstallStep::make_mirror, 0);
    TRY(installer::make_mirror(plan));
  }
  progress(finish, 0);
  for (auto const& disk : plan.disks) TRY(make_bootable(disk.path, plan, payload));
  progress(done, 100);
  return {};
}

}  // namespace berth::installer
