#include "drivers/host/boot_environment.hpp"

#include "firmware/base/files.hpp"

namespace berth::host {

using contract::SlotName;

namespace {

constexpr std::string_view magic = "# GRUB Environment Block\n";
constexpr std::size_t block_bytes_max = 4096;

std::optional<SlotName> slot_of(char letter) {
  if (letter == 'A') return SlotName::a;
  if (letter == 'B') return SlotName::b;
  return std::nullopt;
}

void take(BootEnvironment& environment, std::string_view name, std::string_view value) {
  if (name == "ORDER") {
    for (char const letter : value)
      if (auto const slot = slot_of(letter)) environment.order.push_back(*slot);
    return;
  }
  auto const slot = name.size() > 2 && name[1] == '_' ? slot_of(name[0]) : std::nullopt;
  if (!slot) return;
  auto& boot = environment.slots[*slot == SlotName::a ? 0 : 1];
  auto const what = name.substr(2);
  if (what == "OK") boot.may_start = value == "1";
  if (what == "PROVEN") boot.proven = value == "1";
  // What the boot loader does not know as 0, 1 or 2 is no try left.
  if (what == "TRY") boot.tries = value.size() == 1 && value[0] >= '0' && value[0] <= '2' ? value[0] - '0' : 3;
}

}  // namespace

std::optional<SlotName> BootEnvironment::next() const {
  for (auto const slot : order)
    if (of(slot).tries_left() > 0) return slot;
  return std::nullopt;
}

std::optional<BootEnvironment> parse_boot_environment(std::string_view block) {
  if (!block.starts_with(magic)) return std::nullopt;
  block.remove_prefix(magic.size());
  BootEnvironment environment;
  while (!block.empty()) {
    auto const end = block.find('\n');
    auto const line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
    if (line.starts_with('#')) continue;
    if (auto const equals = line.find('='); equals != std::string_view::npos)
      take(environment, line.substr(0, equals), line.substr(equals + 1));
  }
  if (environment.order.empty()) return std::nullopt;
  return environment;
}

Result<BootEnvironment> read_boot_environment(std::vector<std::filesystem::path> const& copies) {
  for (auto const& copy : copies)
    if (auto const block = read_file(copy, block_bytes_max))
      if (auto environment = parse_boot_environment(*block)) return *std::move(environment);
  return fail(ErrorCode::io, "boot-environment-unreadable", "What the boot loader will do cannot be read.");
}

std::optional<SlotName> booted_slot(std::string_view command_line) {
  constexpr std::string_view name = "rauc.slot=";
  for (std::size_t at = 0; (at = command_line.find(name, at)) != std::string_view::npos; at += name.size()) {
    if (at > 0 && command_line[at - 1] != ' ') continue;
    auto const value = command_line.substr(at + name.size());
    auto const end = value.find_first_of(" \n");
    if (value.substr(0, end).size() == 1) return slot_of(value[0]);
  }
  return std::nullopt;
}

}  // namespace berth::host
