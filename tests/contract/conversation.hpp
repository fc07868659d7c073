// Typing at a console and waiting for what it answers.
#pragma once

#include <chrono>
#include <string>

#include "firmware/base/descriptor.hpp"

namespace berth::contract::testing {

class Conversation {
 public:
  // A VM may boot under emulation on a machine that does much else.
  static constexpr std::chrono::seconds patience{300};

  explicit Conversation(Descriptor console) : console_(std::move(console)) {}

  void type(std::string_view text);
  // Until `text` was said since the last success here. False: not before the deadline, or the console closed.
  bool expect(std::string_view text, std::chrono::seconds deadline = patience);
  // Signs in where it must (root, berth-test) and comes to a prompt.
  bool reach_prompt(std::chrono::seconds deadline = patience);
  // Runs `echo WORD` and reads the guest's answer, which stands on a line of its own.
  bool echoes(std::string const& word, std::chrono::seconds deadline = patience);
  // Until the other end hangs up.
  bool ends(std::chrono::seconds deadline = patience);

  std::string const& heard() const { return heard_; }

 private:
  using Instant = std::chrono::steady_clock::time_point;
  bool listen(Instant until);

  Descriptor console_;
  std::string heard_;
  std::size_t from_ = 0;
  bool over_ = false;
};

}  // namespace berth::contract::testing
