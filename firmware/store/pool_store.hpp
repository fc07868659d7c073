// Address pools and who holds which address. One row an address that is taken; a free one has no row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

struct Pool {
  PoolId id;
  NodeId node;
  std::string name;
  std::uint32_t network = 0;  // IPv4 in host byte order
  std::uint8_t prefix = 24;   // 8 to 30
  std::uint32_t gateway = 0;
  std::vector<std::string> dns;
  bool nat = true;
};

struct HeldAddress {
  PoolId pool;
  std::uint32_t address = 0;
  std::optional<ServerId> server;  // absent: reserved, never given to a server
};

class PoolStore {
 public:
  explicit PoolStore(TransactionScope& scope) : scope_(&scope) {}
  Result<std::vector<Pool>> on_node(NodeId const& node) const;
  // Errors: not_found.
  Result<Pool> get(PoolId const& id) const;
  // Addresses of the pool that have a row, ascending.
  Result<std::vector<std::uint32_t>> taken(PoolId const& id) const;
  Result<std::uint64_t> count_taken(PoolId const& id) const;
  Result<std::optional<HeldAddress>> of_server(ServerId const& server) const;

  // Its gateway is taken from the first moment.
  Result<void> add(Pool const& pool);
  // Errors: conflict ("address-taken").
  Result<void> hold(HeldAddress const& held);
  Result<void> release(ServerId const& server);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
