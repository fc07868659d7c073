// The guests' network on this machine: bridge, rules, DHCP and DNS, counters (design.md, decision 4).
#pragma once

#include <chrono>
#include <mutex>

#include "drivers/contract/driver.hpp"
#include "drivers/network/nft.hpp"
#include "drivers/network/nic_store.hpp"
#include "drivers/network/resolver.hpp"
#include "drivers/network/ruleset.hpp"

namespace berth::network {

class NftNetwork final : public contract::Network {
 public:
  explicit NftNetwork(contract::Directories const& directories);

  // Reads what was kept and, when the kernel has lost it (a restart of the machine) or has older rules, makes it again:
  // bridge, rules and leases of every connected guest. Counters that still stand are carried over.
  Result<void> restore();
  // Takes bridge, rules and dnsmasq away; what was kept stays, so restore() brings them back. Guests must be stopped.
  Result<void> take_down();

  Result<void> ensure_network(contract::NetworkSpec const& network) override;
  Result<void> connect(contract::GuestId const& guest, contract::NicSpec const& nic) override;
  Result<void> disconnect(contract::GuestId const& guest) override;
  Result<void> plug_namespace(contract::GuestId const& guest, int netns) override;
  Result<contract::NicCounters> counters(contract::GuestId const& guest) override;
  Result<std::vector<std::string>> connected_guests() override;

 private:
  Result<void> establish(contract::NetworkSpec const& network);
  Result<void> install_rules(contract::NetworkSpec const& network);
  Result<void> add_missing_rules();
  Result<bool> has_chain(std::string const& name);
  Result<void> refresh_counters();
  // Reads the counters; rules that somebody flushed and a dnsmasq that died come back, counters going on from what was read last.
  Result<void> look_after();
  Result<void> check_nic(std::string const& guest, contract::NicSpec const& nic) const;

  std::mutex mutex_;
  Nft nft_;
  NicStore store_;
  Resolver resolver_;
  std::map<std::string, CounterValues> counted_;  // by interface
  std::chrono::steady_clock::time_point counted_at_{};
};

}  // namespace berth::network
