#include "firmware/cli/output.hpp"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

json::object server() {
  return parse_json(
             R"({"name":"möwe","state":"running","memory_bytes":1610612736,"plan":{"name":"small"},"nat":true,"reason":"a\u001b[31mb"})")
      ->as_object();
}

TEST(Output, a_table_lines_up_by_characters) {
  json::array items{server(), json::object{{"name", "b"}, {"state", "stopped"}}};
  EXPECT_EQ(table_of(items, {member("NAME", "name"), member("STATE", "state"), member("PLAN", "plan.name")}),
            "NAME  STATE    PLAN\n"
            "möwe  running  small\n"
            "b     stopped  -\n");
}

TEST(Output, a_sheet_leaves_out_what_is_absent) {
  EXPECT_EQ(sheet_of(server(), {member("Name", "name"), bytes("Memory", "memory_bytes"), member("Address", "address"),
                                member("NAT", "nat")}),
            "Name    möwe\nMemory  1.5 GiB\nNAT     yes\n");
}

TEST(Output, no_answer_drives_the_terminal) {
  EXPECT_EQ(member_text(server(), "reason"), "a?[31mb");
  EXPECT_EQ(printable("a\r\nb\x7f"
                      "c\xc2\x9b"
                      "d\xc3\xa4"),
            "a??b?c?d\xc3\xa4");
}

TEST(Output, bytes_are_told_in_binary_units) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1 KiB");
  EXPECT_EQ(bytes_text(300ULL << 20), "300 MiB");
  EXPECT_EQ(bytes_text(5ULL << 40), "5 TiB");
}

TEST(Output, yaml_keeps_texts_texts) {
  auto const text = yaml_of(json::object{{"name", "no"}, {"count", 3}, {"list", json::array{"1e3", nullptr}}});
  EXPECT_EQ(text, "name: \"no\"\ncount: 3\nlist:\n  - \"1e3\"\n  - ~\n");
}

}  // namespace
}  // namespace berth::cli
