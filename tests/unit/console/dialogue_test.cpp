#include <gtest/gtest.h>

#include "tests/unit/console/script.hpp"

namespace berth::console {
namespace {

TEST(Dialogue, text_stays_within_a_terminal_and_is_plain_ascii) {
  Script script({});
  Dialogue dialogue(script);
  dialogue.title("A page");
  dialogue.say(std::string(30, 'w') + " " + std::string(200, 'x') + " and the rest of it, \xc3\xa4 \x1b[2J");
  dialogue.facts({{"Fingerprint", std::string(150, 'F')}, {"Short", "yes"}});
  dialogue.lines("a\tb\x1b]0;title\x07\n" + std::string(300, 'l') + "\n");
  EXPECT_LE(widest(script.shown), Dialogue::columns);
  for (char c : script.shown) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  EXPECT_NE(script.shown.find(std::string(79, 'x')), std::string::npos);
}

TEST(Dialogue, a_question_is_asked_until_it_is_answered) {
  Script script({"", "  ", "  an answer  "});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.ask("Name"), "an answer");
  EXPECT_TRUE(script.used_up());
}

TEST(Dialogue, enter_takes_the_fallback_and_a_dot_goes_back) {
  Script script({"", "."});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.ask("Name", "berth"), "berth");
  EXPECT_EQ(dialogue.ask("Name", "berth"), std::nullopt);
  EXPECT_FALSE(dialogue.closed());
}

TEST(Dialogue, a_bad_answer_is_told_why_and_asked_again) {
  Script script({"bad", "good"});
  Dialogue dialogue(script);
  auto const answer =
      dialogue.ask("Name", "", [](std::string const& text) { return text == "good" ? "" : "Not that."; });
  EXPECT_EQ(answer, "good");
  EXPECT_NE(script.shown.find("Not that."), std::string::npos);
}

TEST(Dialogue, a_secret_is_unseen_and_typed_twice) {
  Script script({"s3cret-a", "s3cret-b", "s3cret-c", "s3cret-c"});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.ask_new_secret("Password"), "s3cret-c");
  EXPECT_EQ(script.unseen, 4);
  EXPECT_EQ(script.shown.find("s3cret"), std::string::npos);
}

TEST(Dialogue, only_yes_is_yes) {
  Script script({"y", "YES", "", "yes"});
  Dialogue dialogue(script);
  EXPECT_FALSE(dialogue.sure("Really?"));
  EXPECT_TRUE(dialogue.sure("Really?"));
}

TEST(Dialogue, a_choice_is_a_number_of_the_list) {
  Script script({"9", "-1", "two", "2x", "2", "0"});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.choose({"a", "b"}), 2u);
  EXPECT_EQ(dialogue.choose({"a", "b"}), 0u);
}

TEST(Dialogue, a_closed_line_ends_everything) {
  Script script({});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.choose({"a"}), 0u);
  EXPECT_TRUE(dialogue.closed());
  EXPECT_EQ(dialogue.ask("Name", "fallback"), std::nullopt);
  EXPECT_FALSE(dialogue.sure("Really?"));
}

TEST(Dialogue, silence_is_no_answer_and_does_not_close) {
  Script script({"<silence>", "keep"});
  Dialogue dialogue(script);
  EXPECT_EQ(dialogue.ask_within("Keep?", std::chrono::seconds(1)), std::nullopt);
  EXPECT_EQ(dialogue.ask_within("Keep?", std::chrono::seconds(1)), "keep");
}

}  // namespace
}  // namespace berth::console
