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

}  // namespace

Result<std::string> boot_id(std::filesystem::path const& runtime) {
  auto const kernel = first_line("/proc/sys/kernel/random/boot_id");
  auto const file = runtime / "boot-id";
  auto const kept = first_line(file);
  auto const prefix = kernel + ".";
  if (kept.size() > prefix.size() && kept.starts_with(prefix)) return kept.substr(prefix.size());
  auto const fresh = random_token(12);
  TRY(replace_volatile_file(file, prefix + fresh + "\n", 0644));
  return fresh;
}

}  // namespace berth::engine
