#include "drivers/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "drivers/kernel/mounts.hpp"
#include "drivers/kernel/user_namespace.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/process.hpp"

namespace berth::sandbox {
namespace {

constexpr std::size_t report_bytes_max = 4 << 20;  // an image config of 2 MiB, escaped
constexpr std::chrono::seconds disk_deadline{120};
constexpr std::uint64_t virtual_bytes_max = std::uint64_t{1} << 46;
constexpr uid_t sandbox_user = 941;  // berth-sandbox, rootfs/hooks/10-users.sh

struct Refusal {
  Text<1, 40> kind;
  Text<1, 400> message;
};
BOOST_DESCRIBE_STRUCT(Refusal, (), (kind, message))

struct Unpacked {
  Number<0, (1LL << 53) - 1> bytes;
  Number<0, (1LL << 53) - 1> entries;
};
BOOST_DESCRIBE_STRUCT(Unpacked, (), (bytes, entries))

std::unexpected<Error> refusal(Refusal const& said) {
  if (said.kind.str() == "corrupt") return fail(ErrorCode::corrupt, "image-corrupt", said.message.str());
  if (said.kind.str() == "too-large") return fail(ErrorCode::too_large, "image-too-large", said.message.str());
  if (said.kind.str() == "no-space") return fail(ErrorCode::exhausted, "no-space", said.message.str());
  if (said.kind.str() == "refused") return fail(ErrorCode::invalid_argument, "image-refused", said.message.str());
  return fail(ErrorCode::io, "image-unreadable", said.message.str());
}

// The child's document; a refusal, or a child that died, as an error.
Result<json::object> report_of(Result<ProgramOutput> ended) {
  if (!ended) {
    if (ended.error().code == ErrorCode::timed_out)
      return fail(ErrorCode::timed_out, "image-takes-too-long", "the image takes too long to read");
    return std::unexpected(std::move(ended).error());
  }
  if (ended->out.empty())
    return fail(
        ErrorCode::corrupt, "image-broke-the-reader",
        "the image could not be read within the reader's limits (status " + std::to_string(ended->exit_code) + ")");
  auto document = parse_json(ended->out);
  if (!document || !document->is_object())
    return fail(ErrorCode::corrupt, "image-broke-the-reader", "the reader of the image said nothing sensible");
  auto& object = document->as_object();
  if (auto const* refused = object.if_contains("refused")) return refusal(TRY(from_json<Refusal>(*refused)));
  if (ended->exit_code != 0)
    return fail(ErrorCode::corrupt, "image-broke-the-reader", "the reader of the image failed");
  return std::move(object);
}

}  // namespace

Result<UnpackedImage> Sandbox::unpack_oci(int archive, std::filesystem::path const& tree,
                                          UnpackLimits const& limits) const {
  auto const space = TRY(kernel::make_user_namespace(kernel::range_base(0)));
  auto const view = TRY(kernel::clone_mount(tree));
  TRY(kernel::map_mount(view.get(), space.get(), kernel::Access::read_write));
  ProgramOptions options;
  options.deadline = limits.deadline;
  options.output_bytes_max = report_bytes_max;
  options.descriptors = {{archive, 0}, {view.get(), 3}, {space.get(), 4}};
  auto report = TRY(report_of(run_program(
      {program_.string(), "unpack-oci", std::to_string(limits.bytes_max), std::to_string(limits.entries_max)},
      options)));
  auto* config = report.if_contains("config");
  if (config == nullptr || !config->is_object())
    return fail(ErrorCode::corrupt, "image-broke-the-reader", "the image has no config");
  UnpackedImage image;
  image.config = std::move(*config);
  report.erase("config");
  auto const counts = TRY(from_json<Unpacked>(report));
  image.bytes = static_cast<std::uint64_t>(counts.bytes.value);
  image.entries = static_cast<std::uint64_t>(counts.entries.value);
  return image;
}

namespace {

// The file belongs to the sandbox's user while this lives, so that its reopening by /proc/self/fd is allowed.
class Loan {
 public:
  static Result<Loan> lend(int file) {
    if (::fchown(file, sandbox_user, sandbox_user) != 0 || ::fchmod(file, 0600) != 0)
      return fail_errno(errno, "lend a disk to the sandbox");
    return Loan(file);
  }
  Loan(Loan&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Loan& operator=(Loan&&) = delete;
  ~Loan() {
    if (file_ >= 0) (void)give_back();
  }
  Result<void> give_back() {
    if (::fchown(std::exchange(file_, -1), 0, 0) != 0) return fail_errno(errno, "take a disk back from the sandbox");
    return {};
  }

 private:
  explicit Loan(int file) : file_(file) {}
  int file_;
};

}  // namespace

Result<DiskFacts> Sandbox::inspect_disk(int disk) const {
  auto loan = TRY(Loan::lend(disk));
  ProgramOptions options;
  options.deadline = disk_deadline;
  options.output_bytes_max = report_bytes_max;
  options.descriptors = {{disk, 3}};
  auto const report = TRY(report_of(run_program({program_.string(), "inspect-disk"}, options)));
  TRY(loan.give_back());
  auto text = [&](char const* key) {
    auto const* value = report.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
  };
  if (text("format") != "qcow2")
    return fail(ErrorCode::corrupt, "image-corrupt", "the disk is not in the qcow2 format");
  for (auto const* other : {"backing-filename", "full-backing-filename", "backing-filename-format"})
    if (report.contains(other))
      return fail(ErrorCode::invalid_argument, "image-refused", "the disk refers to a backing file");
  if (report.contains("encrypted")) return fail(ErrorCode::invalid_argument, "image-refused", "the disk is encrypted");
  auto const* size = report.if_contains("virtual-size");
  if (size == nullptr || !size->is_int64() || size->as_int64() <= 0 ||
      static_cast<std::uint64_t>(size->as_int64()) > virtual_bytes_max)
    return fail(ErrorCode::invalid_argument, "image-refused", "the disk's virtual size is absurd");
  if (auto const* specific = report.if_contains("format-specific"); specific != nullptr && specific->is_object())
    if (auto const* data = specific->as_object().if_contains("data"); data != nullptr && data->is_object())
      if (data->as_object().contains("data-file") || data->as_object().contains("encrypt"))
        return fail(ErrorCode::invalid_argument, "image-refused", "the disk keeps its data in another file");
  return DiskFacts{static_cast<std::uint64_t>(size->as_int64())};
}

Result<void> Sandbox::resize_disk(int disk, std::uint64_t virtual_bytes) const {
  auto loan = TRY(Loan::lend(disk));
  ProgramOptions options;
  options.deadline = disk_deadline;
  options.descriptors = {{disk, 3}};
  auto const ended = TRY(run_program({program_.string(), "resize-disk", std::to_string(virtual_bytes)}, options));
  TRY(loan.give_back());
  if (ended.exit_code == 0) return {};
  return fail(ErrorCode::io, "resize-failed", "qemu-img could not resize the disk: " + ended.err.substr(0, 300));
}

}  // namespace berth::sandbox
