#include "drivers/installer/disks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <set>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/process.hpp"
#include "firmware/base/units.hpp"

namespace berth::installer {
namespace {

constexpr std::size_t text_bytes_max = 64;
constexpr std::size_t holds_bytes_max = 200;

// What comes from a disk is anybody's.
std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string clean;
  for (char const c : text.substr(0, bytes_max)) clean += c >= ' ' && c <= '~' ? c : '?';
  auto const first = clean.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return clean.substr(first, clean.find_last_not_of(' ') - first + 1);
}

std::string text_of(json::object const& device, std::string_view key) {
  auto const* value = device.if_contains(key);
  auto const* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : printable(std::string_view(*text), text_bytes_max);
}

std::uint64_t number_of(json::object const& device, std::string_view key) {
  auto const* value = device.if_contains(key);
  if (value == nullptr) return 0;
  if (auto const* number = value->if_int64()) return *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
  return value->if_uint64() != nullptr ? *value->if_uint64() : 0;
}

bool is_true(json::object const& device, std::string_view key) {
  auto const* value = device.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<json::object const*> children_of(json::object const& device) {
  std::vector<json::object const*> all;
  auto const* value = device.if_contains("children");
  if (value == nullptr || !value->is_array()) return all;
  for (auto const& child : value->get_array())
    if (child.is_object()) all.push_back(&child.get_object());
  return all;
}

bool is_mounted(json::object const& device) {
  auto const* value = device.if_contains("mountpoints");
  if (value == nullptr || !value->is_array()) return false;
  return std::ranges::any_of(value->get_array(), [](auto const& point) { return point.is_string(); });
}

// "" or what uses it now.
std::string user_of(json::object const& device) {
  if (is_mounted(device)) return "a mounted file system";
  for (auto const* child : children_of(device)) {
    if (auto const type = text_of(*child, "type"); type != "part") return type + " " + text_of(*child, "name");
    if (auto user = user_of(*child); !user.empty()) return user;
  }
  return "";
}

std::string signature_of(json::object const& device) {
  auto words = text_of(device, "fstype");
  auto name = text_of(device, "label");
  if (name.empty()) name = text_of(device, "partlabel");
  if (words.empty()) words = "unknown";
  return name.empty() ? words : std::format("{} ({})", words, name);
}

std::string content_of(json::object const& device) {
  auto const children = children_of(device);
  std::set<std::string> names;
  std::string all;
  for (auto const* child : children) {
    names.insert(text_of(*child, "partlabel"));
    all += (all.empty() ? "" : ", ") + signature_of(*child);
  }
  if (names.contains("berth-root-a") && names.contains("berth-config")) return std::string(appliance_words);
  if (names.contains("berth-payload")) return "a Berth installer";
  if (!children.empty())
    return std::format("{} partition{}: {}", children.size(), children.size() == 1 ? "" : "s", all);
  if (!text_of(device, "fstype").empty()) return signature_of(device);
  if (auto const table = text_of(device, "pttype"); !table.empty()) return "an empty partition table (" + table + ")";
  return "";
}

Disk disk_from(json::object const& device, bool (*first_mib_is_zero)(std::string const&)) {
  Disk disk;
  disk.name = text_of(device, "name");
  disk.path = text_of(device, "path");
  disk.model = text_of(device, "model");
  disk.serial = text_of(device, "serial");
  disk.bytes = number_of(device, "size");
  disk.sector_bytes = static_cast<std::uint32_t>(number_of(device, "log-sec"));
  disk.holds = content_of(device).substr(0, holds_bytes_max);
  if (disk.holds.empty()) {
    disk.empty = first_mib_is_zero(disk.path);
    disk.holds = disk.empty ? "nothing" : "data of an unknown kind";
  }
  if (is_true(device, "ro"))
    disk.refused = "it is write-protected";
  else if (disk.sector_bytes != 512)
    disk.refused =
        std::format("its sectors have {} bytes; Berth starts only from disks that offer 512", disk.sector_bytes);
  else if (auto const user = user_of(device); !user.empty())
    disk.refused = "it is in use by " + user;
  return disk;
}

bool begins_with_zeros(std::string const& path) {
  Descriptor const device(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!device.valid()) return false;
  std::vector<char> bytes(mib);
  for (std::size_t done = 0; done < bytes.size();) {
    auto const count = ::pread(device.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

}  // namespace

Result<std::vector<Disk>> disks_from(std::string_view lsblk_json, std::string_view medium,
                                     bool (*first_mib_is_zero)(std::string const&)) {
  auto const document = TRY(parse_json(lsblk_json));
  auto const* root = document.if_object();
  auto const* devices = root == nullptr ? nullptr : root->if_contains("blockdevices");
  if (devices == nullptr || !devices->is_array())
    return fail(ErrorCode::corrupt, "bad-disk-list", "the list of disks cannot be read");
  std::vector<Disk> disks;
  for (auto const& entry : devices->get_array()) {
    auto const* device = entry.if_object();
    if (device == nullptr || text_of(*device, "type") != "disk" || number_of(*device, "size") == 0) continue;
    auto const name = text_of(*device, "name");
    if (name.empty() || name == medium || name.starts_with("zram")) continue;
    disks.push_back(disk_from(*device, first_mib_is_zero));
  }
  std::ranges::sort(disks, {}, &Disk::name);
  return disks;
}

Result<std::vector<Disk>> list_disks(std::string_view medium) {
  // Memory, floppies and discs are no place to install to.
  auto const text = TRY(
      run_checked({"lsblk", "--json", "--bytes", "--tree", "--exclude=1,2,11",
                   "--output=NAME,PATH,TYPE,SIZE,RO,LOG-SEC,MODEL,SERIAL,FSTYPE,LABEL,PARTLABEL,PTTYPE,MOUNTPOINTS"}));
  return disks_from(text, medium, begins_with_zeros);
}

Result<std::string> disk_of(std::string const& partition) {
  std::error_code error;
  auto const device = std::filesystem::canonical(partition, error);
  auto const place = error ? device : std::filesystem::canonical("/sys/class/block" / device.filename(), error);
  if (error || !std::filesystem::exists(place / "partition", error))
    return fail(ErrorCode::not_found, "no-medium", partition + " is not a partition of a disk");
  return place.parent_path().filename().string();
}

Result<Disk> find_disk(std::vector<Disk> const& disks, std::string_view text) {
  std::error_code error;
  auto path = std::filesystem::path("/dev") / text;  // which an absolute path replaces
  if (auto const target = std::filesystem::canonical(path, error); !error) path = target;
  for (auto const& disk : disks)
    if (disk.path == path.string()) return disk;
  std::vector<Disk> found;
  for (auto const& disk : disks)
    if (!disk.serial.empty() && disk.serial == text) found.push_back(disk);
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return fail(ErrorCode::conflict, "serial-not-unique",
                std::format("{} disks have the serial number {}", found.size(), text));
  return fail(ErrorCode::not_found, "no-such-disk", std::format("there is no disk {} to install to", text));
}

}  // namespace berth::installer
