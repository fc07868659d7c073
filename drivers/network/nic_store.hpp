// What the network was told, kept in files so that rules can be made again after a restart of the machine.
//   DIRECTORY/network.json   DIRECTORY/nics/GUEST.json      each written by rename, mode 0600
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "drivers/contract/types.hpp"

namespace berth::network {

class NicStore {  // not thread-safe
 public:
  explicit NicStore(std::filesystem::path directory);

  Result<void> load();
  std::optional<contract::NetworkSpec> const& network() const { return network_; }
  std::map<std::string, contract::NicSpec> const& nics() const { return nics_; }
  Result<void> keep_network(contract::NetworkSpec const& network);
  Result<void> keep(std::string const& guest, contract::NicSpec const& nic);
  Result<void> forget(std::string const& guest);

 private:
  std::filesystem::path directory_;
  std::optional<contract::NetworkSpec> network_;
  std::map<std::string, contract::NicSpec> nics_;
};

}  // namespace berth::network
