// The right to be this machine's engine: a lock on runtime/engine.lock that ends with the process, however it ends.
#pragma once

#include <chrono>
#include <filesystem>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::engine {

class EngineLock {
 public:
  // Errors: conflict (another engine holds it), io.
  static Result<EngineLock> take(std::filesystem::path const& runtime);
  // As take(), after the engine that holds it was asked to end (SIGTERM) and has ended. Errors: timed_out, io.
  static Result<EngineLock> take_over(std::filesystem::path const& runtime, std::chrono::milliseconds patience);

 private:
  explicit EngineLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace berth::engine
