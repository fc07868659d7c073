#include "drivers/host/redaction.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

namespace berth::host {
namespace {

constexpr std::size_t line_bytes_max = 4096;  // std::regex recurses over a line's length

struct Rule {
  std::array<std::string_view, 12> hints;  // lower case; the costly look only where one of them is
  std::regex pattern;
  char const* replacement;
};

std::array<Rule, 5> const& rules() {
  constexpr auto how = std::regex::icase | std::regex::optimize;
  static std::array<Rule, 5> const all{
      Rule{{"$"},
           std::regex(R"(\$(1|2[abxy]?|5|6|7|y|gy|md5|sha1|scrypt|argon2(id|i|d)?)\$[^\s:"']+)", how),
           "[removed]"},
      Rule{{"aaaa"}, std::regex(R"((ssh-|ecdsa-|sk-)[a-z0-9@.-]+ +AAAA[A-Za-z0-9+/=]+)", how), "[removed]"},
      Rule{{"://"}, std::regex(R"(://[^/@\s]+@)", how), "://[removed]@"},
      Rule{{"bearer", "basic"}, std::regex(R"((bearer|basic) +[A-Za-z0-9+/=._~-]{8,})", how), "$1 [removed]"},
      Rule{
          {"passw", "passphrase", "secret", "token", "authorization", "cookie", "seed", "code", "key", "credential",
           "session", "hash"},
          std::regex(
              R"(((passw(or)?d|passphrase|secret|token|authorization|cookie|seed|set-?up[ _-]?code|recovery[ _-]?code|)"
              R"([a-z_-]{0,20}key|credential|session|hash)s?["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;]+))",
              how),
          "$1[removed]"}};
  return all;
}

std::string cleaned(std::string line) {
  std::string lower(line.size(), '\0');
  std::ranges::transform(line, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (auto const& rule : rules())
    if (std::ranges::any_of(rule.hints, [&](auto hint) { return !hint.empty() && lower.contains(hint); }))
      line = std::regex_replace(line, rule.pattern, rule.replacement);
  return line;
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::string clean;
  bool in_key = false;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto const line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    bool const begins = line.contains("-----BEGIN ");
    if (begins) {
      in_key = true;
      clean += "[removed]\n";
    }
    if (!in_key) clean += cleaned(std::string(line.substr(0, line_bytes_max))) + "\n";
    if (line.contains("-----END ")) in_key = false;
  }
  return clean;
}

}  // namespace berth::host
