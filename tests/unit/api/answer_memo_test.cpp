#include "firmware/api/answer_memo.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

std::shared_ptr<AnswerMemo::Text const> text(std::string json) {
  return std::make_shared<AnswerMemo::Text const>(AnswerMemo::Text{std::move(json), std::nullopt});
}

TEST(AnswerMemo, remembers_until_the_database_changes) {
  AnswerMemo memo;
  EXPECT_EQ(memo.find("servers", 7), nullptr);
  memo.keep("servers", 7, text("old"));
  ASSERT_NE(memo.find("servers", 7), nullptr);
  EXPECT_EQ(memo.find("servers", 7)->json, "old");
  EXPECT_EQ(memo.find("servers", 8), nullptr);
  EXPECT_EQ(memo.find("servers of another tenant", 7), nullptr);
}

TEST(AnswerMemo, a_slow_answer_does_not_replace_a_newer_one) {
  AnswerMemo memo;
  memo.keep("servers", 8, text("new"));
  memo.keep("servers", 7, text("old"));
  EXPECT_EQ(memo.find("servers", 7), nullptr);
  EXPECT_EQ(memo.find("servers", 8)->json, "new");
}

TEST(AnswerMemo, is_bounded) {
  AnswerMemo memo;
  int kept = 0;
  for (int i = 0; i < 1000; ++i) memo.keep(std::to_string(i), 1, text("x"));
  for (int i = 0; i < 1000; ++i) kept += memo.find(std::to_string(i), 1) != nullptr;
  EXPECT_GT(kept, 0);
  EXPECT_LE(kept, 32);
}

}  // namespace
}  // namespace berth::api
