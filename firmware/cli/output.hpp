// How answers are shown: a table for people, JSON and YAML for programs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/json.hpp"

namespace berth::cli {

enum class Format { table, json, yaml };

struct Column {
  std::string_view title;
  std::function<std::string(json::object const&)> text;
};

// The member at a dotted path ("plan.name") as text; "-" when it is absent.
std::string member_text(json::object const& object, std::string_view path);
// A column that shows a member.
Column member(std::string_view title, std::string_view path);
// A column that shows a member that counts bytes, in binary units ("1.5 GiB").
Column bytes(std::string_view title, std::string_view path);
std::string bytes_text(std::uint64_t count);

// Control characters would drive the terminal: they are shown as '?'. Pure.
std::string printable(std::string_view text);

// Pure: the whole text, with a line end.
std::string table_of(json::array const& items, std::vector<Column> const& columns);
// Two columns: title and value of one thing.
std::string sheet_of(json::object const& item, std::vector<Column> const& columns);
std::string yaml_of(json::value const& value);
std::string json_of(json::value const& value);

// Writes a list, or one thing, to standard output in the chosen format.
void show_list(Format format, json::array const& items, std::vector<Column> const& columns);
void show_one(Format format, json::value const& item, std::vector<Column> const& columns);

}  // namespace berth::cli
