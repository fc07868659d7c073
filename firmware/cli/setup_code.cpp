#include "firmware/cli/setup_code.hpp"

#include <sstream>

#include "firmware/base/files.hpp"
#include "firmware/cli/output.hpp"

namespace berth::cli {
namespace {

constexpr std::size_t greeting_bytes_max = 4096;
constexpr std::string_view mark = "setup-code: ";

}  // namespace

std::optional<std::string> shown_setup_code(std::filesystem::path const& greeting) {
  auto const text = read_file(greeting, greeting_bytes_max);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(mark)) return line.substr(mark.size());
  return std::nullopt;
}

Result<std::string> new_setup_code(Client& panel, std::filesystem::path const& greeting) {
  auto const answer = TRY(panel.post("/setup-codes"));
  auto code = member_text(answer.as_object(), "code");
  std::string text;
  if (auto const before = read_file(greeting, greeting_bytes_max)) {
    std::istringstream lines(*before);
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with(mark)) text += line + "\n";
  }
  TRY(replace_volatile_file(greeting, text + std::string(mark) + code + "\n", 0600));
  return code;
}

}  // namespace berth::cli
