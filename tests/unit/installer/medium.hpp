// A medium in a folder: a layout of a few MiB with random parts.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "drivers/installer/payload.hpp"
#include "firmware/base/random.hpp"
#include "firmware/base/units.hpp"

namespace berth::installer {

class Medium {
 public:
  Medium() : folder(std::filesystem::temp_directory_path() / ("berth-medium-" + hex_name())) {
    std::filesystem::create_directories(folder);
    boot = add("boot.img", 440);
    add_partition("bios", "core.img", 1, 1, 30'001);
    add_partition("berth-esp", "esp.img", 2, 3, 3 * mib);
    add_partition("berth-root-a", "root.squashfs", 5, 4, 2'000'003);
    add_partition("berth-root-b", "pack.squashfs", 9, 4, 100);
    add_partition("berth-config", "config.ext4", 13, 4, 2 * mib);
    add_partition("berth-data", "", 17, 16, 0);
    write();
  }
  ~Medium() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  Medium(Medium const&) = delete;
  Medium& operator=(Medium const&) = delete;

  void write() const {
    std::ofstream(folder / "layout.json") << json::serialize(
        json::object{{"board", "test"}, {"version", "1.2.3"}, {"boot_code", boot}, {"partitions", partitions}});
  }
  Result<Payload> read() const { return Payload::read(folder, folder / "root.squashfs"); }
  static std::string hex_name() {
    std::array<unsigned char, 8> bytes{};
    fill_random(bytes);
    return hex(bytes);
  }

  std::filesystem::path folder;
  json::object boot;
  json::array partitions;
  std::map<std::string, std::string> contents;

 private:
  json::object add(std::string const& part, std::size_t bytes) {
    std::string content(bytes, '\0');
    fill_random({reinterpret_cast<unsigned char*>(content.data()), content.size()});
    std::ofstream(folder / part, std::ios::binary) << content;
    contents[part] = content;
    return {{"part", part}, {"part_bytes", bytes}, {"sha256", sha256_hex(content)}};
  }
  void add_partition(char const* name, char const* part, std::size_t start_mib, std::size_t size_mib,
                     std::size_t bytes) {
    json::object entry =
        *part != '\0' ? add(part, bytes) : json::object{{"part", ""}, {"part_bytes", 0}, {"sha256", ""}};
    entry["name"] = name;
    entry["type"] = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    entry["start_bytes"] = start_mib * mib;
    entry["bytes"] = size_mib * mib;
    partitions.push_back(std::move(entry));
  }
};

}  // namespace berth::installer
