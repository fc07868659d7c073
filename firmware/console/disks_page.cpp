// Which disks there are, and which one the machine's data lie on. Only shows.
#include <algorithm>
#include <format>

#include "firmware/cli/output.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

std::string text_of(json::object const& object, std::string_view name) {
  auto const* value = object.if_contains(name);
  auto const* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

json::array const* list_of(json::object const& object, std::string_view name) {
  auto const* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::uint64_t size_of(json::object const& object) {
  auto const* value = object.if_contains("size");
  return value == nullptr || !value->is_int64() ? 0 : static_cast<std::uint64_t>(value->get_int64());
}

bool holds(json::object const& disk, std::string_view partition) {
  if (text_of(disk, "partlabel") == partition) return true;
  auto const* children = list_of(disk, "children");
  return children != nullptr && std::ranges::any_of(*children, [&](json::value const& child) {
           return child.is_object() && holds(child.get_object(), partition);
         });
}

std::string in_words(json::object const& disk) {
  auto const* children = list_of(disk, "children");
  std::string text = cli::bytes_text(size_of(disk));
  if (auto const model = text_of(disk, "model"); !model.empty()) text += ", " + model;
  if (holds(disk, "berth-data")) return text + ": Berth, its guests and customers";
  if (holds(disk, "berth-config")) return text + ": Berth, without data";
  if ((children != nullptr && !children->empty()) || !text_of(disk, "fstype").empty())
    return text + ": in use by something else, left alone";
  return text + ": empty, left alone";
}

}  // namespace

Result<void> disks_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const said =
      TRY(parts.program({"lsblk", "--json", "--bytes", "--output=NAME,SIZE,TYPE,FSTYPE,PARTLABEL,MODEL"}));
  auto const parsed = TRY(parse_json(said));
  dialogue.title("Disks");
  std::vector<std::pair<std::string, std::string>> rows;
  if (auto const* devices = parsed.is_object() ? list_of(parsed.get_object(), "blockdevices") : nullptr)
    for (auto const& device : *devices)
      if (device.is_object() && text_of(device.get_object(), "type") == "disk")
        rows.emplace_back(text_of(device.get_object(), "name"), in_words(device.get_object()));
  dialogue.facts(rows);
  dialogue.say("");
  dialogue.say("The data partition fills the disk that Berth was started from. Nothing here changes a disk.");
  dialogue.wait_for_enter();
  return {};
}

}  // namespace berth::console
