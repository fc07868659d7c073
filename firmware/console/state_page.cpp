#include <chrono>
#include <format>
#include <sstream>
#include <utility>

#include "firmware/base/files.hpp"
#include "firmware/cli/output.hpp"
#include "firmware/cli/setup_code.hpp"
#include "firmware/console/console.hpp"
#include "firmware/http/certificate.hpp"

namespace berth::console {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string since(std::uint64_t seconds) {
  if (seconds < 120) return std::format("{} s", seconds);
  if (seconds < 7200) return std::format("{} min", seconds / 60);
  if (seconds < 172800) return std::format("{} h", seconds / 3600);
  return std::format("{} days", seconds / 86400);
}

std::string bare(std::string const& with_prefix) {
  auto address = with_prefix.substr(0, with_prefix.find('/'));
  return address.contains(':') ? "[" + address + "]" : address;
}

// with_time: also what changes by itself. Without it two states compare equal until something happened.
void add_machine(Parts const& parts, Rows& rows, bool with_time) {
  auto const facts = parts.machine.facts();
  if (!facts) return rows.emplace_back("Engine", "does not answer: " + facts.error().message), void();
  rows.emplace_back("Machine", std::format("{}, Berth {}{}", facts->hostname, facts->version,
                                           with_time ? ", up " + since(facts->uptime_s) : ""));
  rows.emplace_back("Clock", std::format("{}, {}", facts->time_zone,
                                         facts->clock_synchronised ? "synchronised" : "NOT synchronised"));
  if (!facts->last_rollback.empty()) rows.emplace_back("Rolled back", facts->last_rollback);
}

void add_network(Parts const& parts, Rows& rows, bool with_time) {
  auto const network = parts.machine.network();
  if (!network) return;
  std::string addresses, urls;
  for (auto const& link : network->links) {
    for (auto const& address : link.addresses) {
      addresses += (addresses.empty() ? "" : ", ") + address + " (" + link.name + ")";
      urls += (urls.empty() ? "https://" : " https://") + bare(address) + "/";
    }
    if (link.addresses.empty() && !link.driver.empty())
      addresses +=
          (addresses.empty() ? "" : ", ") + link.name + (link.carrier ? " without an address" : " without a cable");
  }
  rows.emplace_back("Addresses", addresses.empty() ? "none" : addresses);
  if (!urls.empty()) rows.emplace_back("Panel", urls);
  if (network->tried)
    rows.emplace_back(
        "Network",
        with_time ? std::format("on trial: taken back in {} s unless confirmed", network->seconds_left) : "on trial");
}

// How the panel and the engine are, in words; "" when both answer.
std::string trouble(Parts const& parts) {
  auto const answer = parts.panel.get("/host");
  if (!answer) return "the panel does not answer";
  auto const& host = answer->as_object().at("host");
  if (is_true(host, "engine_ok")) return "";
  auto const problem = cli::member_text(host.as_object(), "engine_problem");
  return problem.empty() ? "the engine has not answered yet" : problem;
}

void add_panel(Parts const& parts, Rows& rows) {
  if (auto const fingerprint = http::certificate_fingerprint(parts.files.certificate))
    rows.push_back(fingerprint_row(*fingerprint));
  auto const words = trouble(parts);
  rows.emplace_back("Health", words.empty() ? "panel and engine answer" : words);
  auto const setup = parts.panel.get("/setup");
  if (!setup || !is_true(*setup, "needed")) return;
  if (auto const code = cli::shown_setup_code(parts.files.greeting)) rows.emplace_back("Set-up code", *code);
  rows.emplace_back("Set-up", "not done yet: open the panel and enter the code, or press Enter");
}

// What became of a seed that was found at this start: a line each, the first few.
void add_seed(Parts const& parts, Rows& rows) {
  constexpr std::size_t bytes_max = 16384, lines_max = 6;
  auto const told = read_file(parts.files.seed, bytes_max);
  if (!told) return;
  std::istringstream lines(*told);
  std::string line;
  for (std::size_t i = 0; i < lines_max && std::getline(lines, line); ++i) rows.emplace_back("Seed", line);
}

// A line that a script left where something is wrong.
void add_line(Rows& rows, std::string_view name, std::filesystem::path const& file) {
  constexpr std::size_t bytes_max = 4096;
  auto text = read_file(file, bytes_max);
  if (!text) return;
  while (text->ends_with('\n')) text->pop_back();
  if (!text->empty()) rows.emplace_back(name, *std::move(text));
}

Rows state(Parts const& parts, bool with_time) {
  Rows rows;
  add_machine(parts, rows, with_time);
  add_line(rows, "Disks", parts.files.mirror);
  add_line(rows, "Images", parts.files.images);
  add_network(parts, rows, with_time);
  add_panel(parts, rows);
  add_seed(parts, rows);
  return rows;
}

// Often while something is about to happen, then seldom: every look is a line in the panel's log.
constexpr std::chrono::seconds look_for_panel{2}, look_again{5}, look_seldom{60};
constexpr int looks_often = 24;

}  // namespace

std::pair<std::string, std::string> fingerprint_row(std::string fingerprint) {
  constexpr std::size_t half = 16 * 3;
  if (fingerprint.size() > half) fingerprint[half - 1] = ' ';
  return {"Fingerprint", std::move(fingerprint)};
}

void show_state(Parts const& parts) {
  parts.dialogue.title("Berth");
  parts.dialogue.facts(state(parts, true));
}

void wait_at_state(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const until = std::chrono::steady_clock::now() + parts.start;
  bool told = false;
  while (!trouble(parts).empty() && std::chrono::steady_clock::now() < until) {
    if (!std::exchange(told, true)) dialogue.say("Berth is starting. Press Enter to see its state now.");
    if (dialogue.enter_within(look_for_panel) || dialogue.closed()) break;
  }
  Rows shown;
  for (int looks = 0; !dialogue.closed(); ++looks) {
    if (auto now = state(parts, false); now != shown) {
      show_state(parts);
      dialogue.say("");
      dialogue.say("Press Enter for the console.");
      shown = std::move(now);
      looks = 0;
    }
    if (dialogue.enter_within(looks < looks_often ? look_again : look_seldom)) return;
  }
}

}  // namespace berth::console
