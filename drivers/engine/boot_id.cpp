#include "drivers/engine/boot_id.hpp"

#include <fstream>

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"

namespace berth::engine {
namespace {

std::string first_line(std::filesystem::path const& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::filesystem::path file_in(std::filesystem::path const& runtime) {
  return runtime / "boot-id";
}

}  // namespace

Result<std::string> boot_id(std::filesystem::path const& runtime) {
  auto const kernel = first_line("/proc/sys/kernel/random/boot_id");
  auto const file = file_in(runtime);
  auto const kept = first_line(file);
  auto const prefix = kernel + ".";
  if (kept.size() > prefix.size() && kept.starts_with(prefix)) return kept.substr(prefix.size());
  auto const fresh = random_token(12);
  TRY(replace_volatile_file(file, prefix + fresh + "\n", 0644));
  return fresh;
}

Result<void> forget_boot_id(std::filesystem::path const& runtime) {
  std::error_code error;
  std::filesystem::remove(file_in(runtime), error);
  if (error) return fail_errno(error.value(), "remove " + file_in(runtime).string());
  return {};
}

}  // namespace berth::engine
