#include "firmware/cli/output.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <format>
#include <limits>

namespace berth::cli {
namespace {

json::value const* find_member(json::object const& object, std::string_view path) {
  auto const* at = &object;
  for (;;) {
    auto const dot = path.find('.');
    auto const* found = at->if_contains(path.substr(0, dot));
    if (found == nullptr || dot == std::string_view::npos) return found;
    path.remove_prefix(dot + 1);
    at = found->if_object();
    if (at == nullptr) return nullptr;
  }
}

// Cells stand under each other by code points; wide characters may shift a line, which is better than cutting bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void emit(YAML::Emitter& out, json::value const& value) {
  switch (value.kind()) {
    case json::kind::object:
      out << YAML::BeginMap;
      for (auto const& [key, member] : value.get_object()) {
        out << YAML::Key << std::string(key) << YAML::Value;
        emit(out, member);
      }
      out << YAML::EndMap;
      return;
    case json::kind::array:
      out << YAML::BeginSeq;
      for (auto const& item : value.get_array()) emit(out, item);
      out << YAML::EndSeq;
      return;
    // Quoted, so that "no", "1e3" or "null" stay what they are.
    case json::kind::string:
      out << YAML::DoubleQuoted << std::string(value.get_string());
      return;
    case json::kind::bool_:
      out << value.get_bool();
      return;
    case json::kind::int64:
      out << value.get_int64();
      return;
    case json::kind::uint64:
      out << value.get_uint64();
      return;
    case json::kind::double_:
      out << value.get_double();
      return;
    case json::kind::null:
      out << YAML::Null;
      return;
  }
}

void put(std::string const& text) {
  std::fputs(text.c_str(), stdout);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    // C1 controls are C2 80 to C2 9F in UTF-8.
    bool const c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) ++i;
    out += c < 0x20 || c == 0x7f || c1 ? '?' : text[i];
  }
  return out;
}

std::string member_text(json::object const& object, std::string_view path) {
  auto const* value = find_member(object, path);
  if (value == nullptr || value->is_null()) return "-";
  if (auto const* text = value->if_string()) return text->empty() ? "-" : printable(std::string_view(*text));
  if (auto const* yes = value->if_bool()) return *yes ? "yes" : "no";
  return json::serialize(*value);
}

Column member(std::string_view title, std::string_view path) {
  return {title, [path](json::object const& object) { return member_text(object, path); }};
}

std::string bytes_text(std::uint64_t count) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  auto amount = static_cast<double>(count);
  while (amount >= 1024 && unit + 1 < units.size()) amount /= 1024, ++unit;
  bool const whole = unit == 0 || amount >= 100 || amount == static_cast<double>(static_cast<std::uint64_t>(amount));
  return std::format("{:.{}f} {}", amount, whole ? 0 : 1, units[unit]);
}

Column bytes(std::string_view title, std::string_view path) {
  return {title, [path](json::object const& object) -> std::string {
            auto const* value = find_member(object, path);
            boost::system::error_code ec;
            auto const count = value == nullptr ? 0 : value->to_number<std::uint64_t>(ec);
            return value == nullptr || ec ? "-" : bytes_text(count);
          }};
}

std::string table_of(json::array const& items, std::vector<Column> const& columns) {
  std::vector<std::vector<std::string>> lines(1);
  for (auto const& column : columns) lines[0].emplace_back(column.title);
  for (auto const& item : items) {
    auto& line = lines.emplace_back();
    for (auto const& column : columns) line.push_back(item.is_object() ? column.text(item.get_object()) : "-");
  }
  std::vector<std::size_t> widths(columns.size());
  for (auto const& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  std::string text;
  for (auto const& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i)
      row += line[i] + (i + 1 < line.size() ? std::string(widths[i] - width_of(line[i]) + 2, ' ') : "");
    text += row + "\n";
  }
  return text;
}

std::string sheet_of(json::object const& item, std::vector<Column> const& columns) {
  std::vector<std::pair<std::string_view, std::string>> lines;
  std::size_t width = 0;
  for (auto const& column : columns) {
    auto value = column.text(item);
    if (value == "-") continue;
    width = std::max(width, column.title.size());
    lines.emplace_back(column.title, std::move(value));
  }
  std::string text;
  for (auto const& [title, value] : lines) text += std::format("{:<{}}  {}\n", title, width, value);
  return text;
}

std::string yaml_of(json::value const& value) {
  YAML::Emitter out;
  emit(out, value);
  return std::string(out.c_str()) + "\n";
}

std::string json_of(json::value const& value) {
  return json::serialize(value) + "\n";
}

void show_list(Format format, json::array const& items, std::vector<Column> const& columns) {
  switch (format) {
    case Format::table:
      return put(table_of(items, columns));
    case Format::json:
      return put(json_of(items));
    case Format::yaml:
      return put(yaml_of(items));
  }
}

void show_one(Format format, json::value const& item, std::vector<Column> const& columns) {
  switch (format) {
    case Format::table:
      return put(item.is_object() ? sheet_of(item.get_object(), columns) : std::string());
    case Format::json:
      return put(json_of(item));
    case Format::yaml:
      return put(yaml_of(item));
  }
}

}  // namespace berth::cli
