// The fixture of the contract suite: one engine, and short words for what a test says to it.
#pragma once

#include <gtest/gtest.h>

#include "tests/contract/conversation.hpp"
#include "tests/contract/subject.hpp"

namespace berth::contract::testing {

class EngineContract : public ::testing::TestWithParam<SubjectMaker> {
 protected:
  void SetUp() override;
  void TearDown() override;

  Engine& engine() { return subject_->engine(); }
  Subject& subject() { return *subject_; }

  GuestSpec spec(unsigned number, GuestKind kind);
  void import(GuestKind kind);
  void give_disk(unsigned number, GuestKind kind);
  void connect(unsigned number);
  // Everything that comes before start.
  GuestSpec prepare(unsigned number, GuestKind kind);
  GuestSpec run(unsigned number, GuestKind kind);
  GuestState state(GuestId const& guest);
  void await_state(GuestId const& guest, GuestState wanted);
  Conversation console(GuestId const& guest);

  std::unique_ptr<Subject> subject_;
};

// Until `condition` holds; a failure after five minutes.
void await(std::function<bool()> const& condition);
::testing::AssertionResult succeeded(Error const* error);
template <class T>
::testing::AssertionResult ok(Result<T> const& result) {
  return succeeded(result ? nullptr : &result.error());
}
template <class T>
ErrorCode code_of(Result<T> const& result) {
  EXPECT_FALSE(result.has_value()) << "an error was expected";
  return result ? ErrorCode::internal : result.error().code;
}
// The pointer of the first field that was refused, "" when it was no such error.
template <class T>
std::string bad_field(Result<T> const& result) {
  EXPECT_FALSE(result.has_value()) << "an error was expected";
  if (result || result.error().code != ErrorCode::invalid_argument || result.error().fields.empty()) return "";
  return result.error().fields.front().pointer;
}

inline constexpr GuestKind both_kinds[] = {GuestKind::container, GuestKind::vm};

}  // namespace berth::contract::testing
