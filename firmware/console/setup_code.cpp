#include "firmware/base/files.hpp"
#include "firmware/cli/output.hpp"
#include "firmware/console/console.hpp"

namespace berth::console {
namespace {

constexpr std::size_t greeting_bytes_max = 4096;
constexpr std::string_view mark = "setup-code: ";

}  // namespace

std::optional<std::string> setup_code(Files const& files) {
  auto const greeting = read_file(files.greeting, greeting_bytes_max);
  if (!greeting) return std::nullopt;
  std::string_view rest = *greeting;
  while (!rest.empty()) {
    auto const line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(mark)) return std::string(line.substr(mark.size()));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return std::nullopt;
}

Result<std::string> new_setup_code(Parts const& parts) {
  auto const answer = TRY(parts.panel.post("/setup-codes"));
  auto code = cli::member_text(answer.as_object(), "code");
  // Every terminal shows the one that works now.
  TRY(replace_volatile_file(parts.files.greeting, std::string(mark) + code + "\n", 0600));
  return code;
}

}  // namespace berth::console
