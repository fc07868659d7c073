// How far an installation is, for the terminals that did not begin it: a file of lines, locked by whoever installs.
// The lock ends with its process, however that ends (flock(2)).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::console {

// The installing terminal's end. Belongs to one thread.
class InstallProgress {
 public:
  // Makes the file in an existing folder, empty; nullopt: another terminal installs. Errors: io.
  static Result<std::optional<InstallProgress>> begin(std::filesystem::path const& file);
  // Nothing depends on it: what cannot be written is left out.
  void add(std::string_view line);

 private:
  explicit InstallProgress(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

// The other end: says every line until nobody installs any more. Errors: io.
Result<void> follow_install(std::filesystem::path const& file, std::function<void(std::string_view)> const& say);

}  // namespace berth::console
