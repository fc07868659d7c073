// The bundle for whoever helps: made by the engine without secrets, and taken away on a stick or by SSH.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <format>
#include <utility>

#include "firmware/base/files.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr std::size_t piece_bytes = 65536;
constexpr char file_name[] = "berth-support.tar.gz";

Result<void> copy(int from, int to) {
  std::array<char, piece_bytes> piece{};
  off_t at = 0;
  while (true) {
    auto const got = ::pread(from, piece.data(), piece.size(), at);
    if (got < 0) return fail_errno(errno, "reading the support bundle");
    if (got == 0) return {};
    at += got;
    for (ssize_t done = 0; done < got;) {
      auto const put = ::write(to, piece.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno != EINTR) return fail_errno(errno, "writing the support bundle");
      if (put > 0) done += put;
    }
  }
}

Result<void> write_file(Parts const& parts, std::filesystem::path const& path) {
  auto const bundle = TRY(parts.machine.support_bundle());
  auto const part = path.string() + ".part";
  Descriptor const file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, "making " + part);
  TRY(copy(bundle.get(), file.get()));
  TRY(sync_foreign(file.get(), path.string()));
  if (::rename(part.c_str(), path.c_str()) != 0) return fail_errno(errno, "renaming " + part);
  return {};
}

// A stick that is mounted while this lives, at a folder of its own.
class Stick {
 public:
  static Result<Stick> mount(Parts const& parts, std::string const& device) {
    std::string folder = "/run/berth-stick.XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return fail_errno(errno, "making a folder for the stick");
    Stick stick(parts, folder);
    TRY(parts.program({"mount", "-t", "vfat", "-o", "nosuid,nodev,noexec,umask=0077", device, folder}));
    stick.mounted_ = true;
    return stick;
  }
  Stick(Stick&& other) noexcept
      : parts_(other.parts_),
        folder_(std::exchange(other.folder_, {})),
        mounted_(std::exchange(other.mounted_, false)) {}
  Stick& operator=(Stick&&) = delete;
  ~Stick() {
    if (mounted_) static_cast<void>(release());
    if (!folder_.empty()) ::rmdir(folder_.c_str());
  }
  // What was written is on it then. Errors: io.
  Result<void> release() {
    mounted_ = false;
    TRY(parts_->program({"umount", folder_}));
    return {};
  }
  std::string const& folder() const { return folder_; }

 private:
  Stick(Parts const& parts, std::string folder) : parts_(&parts), folder_(std::move(folder)) {}
  Parts const* parts_;
  std::string folder_;
  bool mounted_ = false;
};

// Partitions with FAT that can be taken away and that nothing uses: "/dev/sdb1 LABEL 7,5G".
Result<std::vector<std::string>> sticks(Parts const& parts) {
  std::vector<std::string> found;
  auto const said =
      TRY(parts.program({"lsblk", "--json", "--list", "--output=PATH,FSTYPE,LABEL,SIZE,HOTPLUG,MOUNTPOINT"}));
  auto const parsed = TRY(parse_json(said));
  auto const* devices = parsed.is_object() ? parsed.get_object().if_contains("blockdevices") : nullptr;
  if (devices == nullptr || !devices->is_array()) return found;
  for (auto const& device : devices->get_array()) {
    auto const member = [&](char const* name) {
      auto const* value = device.is_object() ? device.get_object().if_contains(name) : nullptr;
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (member("fstype") == "vfat" && member("mountpoint").empty() && is_true(device, "hotplug"))
      found.push_back(std::format("{} {} {}", member("path"), member("label"), member("size")));
  }
  return found;
}

Result<void> to_stick(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const found = TRY(sticks(parts));
  if (found.empty()) {
    dialogue.say("No stick with a FAT file system is plugged in.");
    return {};
  }
  auto const chosen = dialogue.choose(found);
  if (chosen == 0) return {};
  auto stick = TRY(Stick::mount(parts, words(found[chosen - 1]).front()));
  TRY(write_file(parts, std::filesystem::path(stick.folder()) / file_name));
  TRY(stick.release());
  dialogue.say(std::format("{} is on the stick, which may be pulled out.", file_name));
  return {};
}

Result<void> to_data(Parts const& parts) {
  TRY(ensure_directory(parts.files.support, 0700));
  auto const path = parts.files.support / file_name;
  TRY(write_file(parts, path));
  parts.dialogue.say(path.string() + " is written.");
  return {};
}

}  // namespace

Result<void> write_support_bundle(contract::Machine& machine, int to) {
  auto const bundle = TRY(machine.support_bundle());
  return copy(bundle.get(), to);
}

Result<void> support_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  while (!dialogue.closed()) {
    dialogue.title("Support bundle");
    dialogue.say(
        "Logs and settings for whoever helps, without passwords, keys, or what belongs to customers. With SSH "
        "switched on, it also comes by: ssh root@MACHINE support-bundle >berth-support.tar.gz");
    switch (dialogue.choose({"Write it to a USB stick", "Leave it on the data partition"})) {
      case 1:
        TRY(to_stick(parts));
        break;
      case 2:
        TRY(to_data(parts));
        break;
      default:
        return {};
    }
  }
  return {};
}

}  // namespace berth::console
