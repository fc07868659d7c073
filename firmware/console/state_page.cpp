#include <format>

#include "firmware/cli/output.hpp"
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

void add_machine(Parts const& parts, Rows& rows) {
  auto const facts = parts.machine.facts();
  if (!facts) return rows.emplace_back("Engine", "does not answer: " + facts.error().message), void();
  rows.emplace_back("Machine",
                    std::format("{}, Berth {}, up {}", facts->hostname, facts->version, since(facts->uptime_s)));
  rows.emplace_back("Clock", std::format("{}, {}", facts->time_zone,
                                         facts->clock_synchronised ? "synchronised" : "NOT synchronised"));
  if (!facts->last_rollback.empty()) rows.emplace_back("Rolled back", facts->last_rollback);
}

void add_network(Parts const& parts, Rows& rows) {
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
    rows.emplace_back("Network", std::format("on trial: taken back in {} s unless confirmed", network->seconds_left));
}

void add_panel(Parts const& parts, Rows& rows) {
  if (auto const fingerprint = http::certificate_fingerprint(parts.tls / "chain.pem"))
    rows.emplace_back("Fingerprint", *fingerprint);
  auto const setup = parts.panel.get("/setup");
  if (!setup) return rows.emplace_back("Health", "the panel does not answer: " + setup.error().message), void();
  if (auto const host = parts.panel.get("/host")) {
    auto const& facts = host->as_object().at("host").as_object();
    rows.emplace_back("Health",
                      cli::member_text(facts, "engine_ok") == "true"
                          ? "panel and engine answer"
                          : "the engine does not answer the panel: " + cli::member_text(facts, "engine_problem"));
  } else {
    rows.emplace_back("Health", "the panel answers");
  }
  if (cli::member_text(setup->as_object(), "needed") == "true")
    rows.emplace_back("Set-up", "not done yet: choose 1, or open the panel and enter the set-up code");
}

}  // namespace

void show_state(Parts const& parts) {
  Rows rows;
  add_machine(parts, rows);
  add_network(parts, rows);
  add_panel(parts, rows);
  parts.dialogue.title("Berth");
  parts.dialogue.facts(rows);
}

}  // namespace berth::console
