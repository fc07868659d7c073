#include "drivers/installer/writer.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <span>

#include "firmware/base/digest.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"
#include "firmware/base/units.hpp"

namespace berth::installer {
namespace {

constexpr std::size_t block_bytes = mib;

// Memory that O_DIRECT takes.
class Block {
 public:
  Block() : bytes_(static_cast<std::byte*>(std::aligned_alloc(4096, block_bytes)), &std::free) {
    std::fill_n(bytes_.get(), block_bytes, std::byte{0});
  }
  std::span<std::byte> span() const { return {bytes_.get(), block_bytes}; }

 private:
  std::unique_ptr<std::byte, void (*)(void*)> bytes_;
};

Result<Descriptor> open_device(std::string const& device, int flags) {
  Descriptor file(::open(device.c_str(), flags | O_CLOEXEC));
  if (file.valid()) return file;
  if (errno == EBUSY) return fail(ErrorCode::conflict, "disk-in-use", device + " is in use");
  return fail_errno(errno, "open " + device);
}

// All of `into`, unless the file ends before. The number of bytes read.
Result<std::size_t> read_at(int file, std::span<std::byte> into, std::uint64_t at) {
  std::size_t done = 0;
  while (done < into.size()) {
    auto const count = ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> write_at(int file, std::span<std::byte const> from, std::uint64_t at) {
  while (!from.empty()) {
    auto const count = ::pwrite(file, from.data(), from.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "write");
    from = from.subspan(static_cast<std::size_t>(count));
    at += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void> write_zeros(int file, std::uint64_t at, std::uint64_t bytes) {
  Block const block;
  for (std::uint64_t done = 0; done < bytes;) {
    auto const now = std::min<std::uint64_t>(block_bytes, bytes - done);
    TRY(write_at(file, block.span().first(now), at + done));
    done += now;
  }
  return {};
}

// The digest of `bytes` from `at` on. Whole blocks are read, as O_DIRECT wants it.
Result<std::string> digest_at(int file, std::uint64_t at, std::uint64_t bytes, Advance const& advance) {
  Block const block;
  Sha256 digest;
  for (std::uint64_t done = 0; done < bytes;) {
    auto const got = std::min<std::uint64_t>(TRY(read_at(file, block.span(), at + done)), bytes - done);
    if (got == 0) return fail(ErrorCode::corrupt, "too-short", "it ends too early");
    digest.add(block.span().first(got));
    done += got;
    advance(got);
  }
  return digest.finish_hex();
}

// Past the page cache where the device allows that (a loop device on tmpfs does not).
Result<Descriptor> open_uncached(std::string const& device) {
  auto file = TRY(open_device(device, O_RDONLY));
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  Descriptor direct(::open(device.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
  return direct.valid() ? std::move(direct) : std::move(file);
}

Result<void> copy_part(int device, PlannedPartition const& partition, Payload const& payload, Advance const& advance) {
  auto const source = TRY(payload.open(partition.what.part));
  auto const bytes = static_cast<std::uint64_t>(partition.what.part_bytes.value);
  Block const block;
  for (std::uint64_t done = 0; done < bytes;) {
    auto const got = std::min<std::uint64_t>(TRY(read_at(source.get(), block.span(), done)), bytes - done);
    if (got == 0)
      return fail(ErrorCode::corrupt, "medium-damaged", "the medium's " + partition.what.part.str() + " is too short");
    TRY(write_at(device, block.span().first(got), partition.start_bytes + done));
    done += got;
    advance(got);
  }
  return {};
}

// Where the superblock of an array or the beginning of a file system may have lain.
Result<void> clear_edges(int device, PlannedPartition const& partition) {
  constexpr std::uint64_t head = 16 * mib;
  auto const filled = static_cast<std::uint64_t>(partition.what.part_bytes.value);
  if (partition.what.part.empty()) TRY(write_zeros(device, partition.start_bytes, std::min(head, partition.bytes)));
  auto const tail = std::min<std::uint64_t>(mib, partition.bytes - filled);
  return write_zeros(device, partition.start_bytes + partition.bytes - tail, tail);
}

Result<std::uint64_t> size_of(int device) {
  auto const end = ::lseek(device, 0, SEEK_END);
  if (end < 0) return fail_errno(errno, "measure the disk");
  return static_cast<std::uint64_t>(end);
}

}  // namespace

std::uint64_t payload_bytes(Layout const& layout) {
  std::uint64_t sum = 0;
  for (auto const& p : layout.partitions) sum += static_cast<std::uint64_t>(p.part_bytes.value);
  return sum;
}

Result<void> check_payload(Payload const& payload, Advance const& advance) {
  auto const check = [&](std::string const& part, std::int64_t bytes, std::string const& sha256) -> Result<void> {
    auto const file = TRY(payload.open(part));
    auto const digest = digest_at(file.get(), 0, static_cast<std::uint64_t>(bytes), advance);
    if (!digest || *digest != sha256)
      return fail(ErrorCode::corrupt, "medium-damaged",
                  "the medium is damaged: its " + part + " is not what it was made with. No disk was touched.");
    return {};
  };
  TRY(check(payload.layout().boot_code.part.str(), payload.layout().boot_code.part_bytes,
            payload.layout().boot_code.sha256.str()));
  for (auto const& p : payload.layout().partitions)
    if (!p.part.empty()) TRY(check(p.part.str(), p.part_bytes, p.sha256.str()));
  return {};
}

Result<void> write_content(std::string const& device, Plan const& plan, Payload const& payload,
                           Advance const& advance) {
  auto const file = TRY(open_device(device, O_RDWR | O_EXCL));
  auto const bytes = TRY(size_of(file.get()));
  if (bytes < plan.partitions.back().start_bytes + plan.partitions.back().bytes + mib)
    return fail(ErrorCode::too_large, "disk-too-small", device + " is smaller than the plan");
  TRY(write_zeros(file.get(), 0, mib));
  TRY(write_zeros(file.get(), bytes - mib, mib));
  TRY(sync_foreign(file.get(), device));
  ::ioctl(file.get(), BLKRRPART);  // the kernel forgets the old partitions; a device without any refuses
  for (auto const& partition : plan.partitions) {
    if (!partition.what.part.empty()) TRY(copy_part(file.get(), partition, payload, advance));
    TRY(clear_edges(file.get(), partition));
  }
  TRY(sync_foreign(file.get(), device));
  return {};
}

Result<void> verify_content(std::string const& device, Plan const& plan, Advance const& advance) {
  auto const file = TRY(open_uncached(device));
  for (auto const& p : plan.partitions) {
    if (p.what.part.empty()) continue;
    auto const digest =
        digest_at(file.get(), p.start_bytes, static_cast<std::uint64_t>(p.what.part_bytes.value), advance);
    if (!digest || *digest != p.what.sha256.str())
      return fail(ErrorCode::corrupt, "disk-differs",
                  device + " does not hold what was written to it (" + p.what.part.str() +
                      "): the disk, its cable or the memory is faulty. It is not bootable.");
  }
  return {};
}

Result<void> make_bootable(std::string const& device, Plan const& plan, Payload const& payload) {
  auto const script = partition_script(plan);
  TRY(run_checked(
      {"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--wipe=never", "--wipe-partitions=never", device},
      {.input = script}));
  auto const& code = payload.layout().boot_code;
  auto const source = TRY(payload.open(code.part));
  Block const block;
  auto const bytes = block.span().first(static_cast<std::size_t>(code.part_bytes.value));
  if (TRY(read_at(source.get(), bytes, 0)) != bytes.size())
    return fail(ErrorCode::corrupt, "medium-damaged", "the medium's boot code is too short");
  auto const file = TRY(open_device(device, O_RDWR));
  TRY(write_at(file.get(), bytes, 0));
  TRY(sync_foreign(file.get(), device));
  auto const written = TRY(open_uncached(device));
  if (TRY(digest_at(written.get(), 0, bytes.size(), [](std::uint64_t) {})) != code.sha256.str())
    return fail(ErrorCode::corrupt, "disk-differs", device + " does not hold the boot code that was written to it");
  TRY(run_checked({"sfdisk", "--quiet", "--verify", device}));
  return {};
}

}  // namespace berth::installer
