// What tests make go wrong: a call that fails, hangs or takes long. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth::fake {

class Faults {
 public:
  // Calls are named as in engine.hpp: "start_guest". After `pass` more of them went through, the next one fails with `error`.
  void fail_next(std::string call, Error error, int pass = 0);
  // The next such call does not return before release().
  void hang_next(std::string call);
  void release();
  // Every such call takes this long from now on; "*" is every call.
  void delay(std::string call, std::chrono::milliseconds time);
  // How many calls hang now.
  int hanging() const;

  // What the engine asks at the beginning of each call.
  Result<void> before(std::string_view call);

 private:
  struct Failure {
    std::string call;
    Error error;
    int pass;
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Failure> failures_;
  std::vector<std::string> hangs_;
  std::map<std::string, std::chrono::milliseconds, std::less<>> delays_;
  unsigned releases_ = 0;
  int hanging_ = 0;
};

}  // namespace berth::fake
