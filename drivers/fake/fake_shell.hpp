// What a fake guest says on its serial port: a login prompt that takes any name, then a shell of a few words.
#pragma once

#include "drivers/fake/responder.hpp"

namespace berth::fake {

class FakeShell final : public Session {
 public:
  explicit FakeShell(std::string hostname) : hostname_(std::move(hostname)) {}
  std::string begin() override;
  std::string hear(std::string_view bytes) override;

 private:
  std::string prompt() const;
  std::string answer(std::string const& line);

  std::string const hostname_;
  std::string user_;  // empty: at the login prompt
  std::string line_;
};

}  // namespace berth::fake
