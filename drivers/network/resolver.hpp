// dnsmasq(8) on the guests' bridge: DNS for all, DHCP leases only for the guests we know (RFC 2131), nothing else.
#pragma once

#include <filesystem>
#include <map>

#include "drivers/contract/types.hpp"

namespace berth::network {

class Resolver {  // not thread-safe
 public:
  // `runtime`: where its hosts directory and process id file live (tmpfs). Its parents must be traversable by others (0711): dnsmasq reads it as its own user.
  explicit Resolver(std::filesystem::path runtime);

  // Starts it if it does not run; it outlives this process. Errors: io with dnsmasq's own words.
  Result<void> ensure(contract::NetworkSpec const& network);
  Result<void> add(std::string const& guest, contract::NicSpec const& nic);
  // Takes the guest's lease away with its entry: leases have no end, and whoever gets the address next would be refused. May
  // start dnsmasq anew, which answers nobody for a moment.
  Result<void> remove(std::string const& guest, contract::NetworkSpec const& network);
  Result<void> stop();

 private:
  int running_pid() const;  // 0: not running
  Result<void> forget_lease(std::string const& address);

  std::filesystem::path runtime_;
};

}  // namespace berth::network
